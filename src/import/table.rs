//! A file as rows of cells, whatever it is made of. Row 1 is the header; rows are counted as a spreadsheet shows them.

use super::{ROWS_MAX, csv, xlsx};
use crate::domain::{
    import::Encoding,
    import_fault::{Failure, FailureCode},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Form {
    Csv {
        encoding: Encoding,
        /// `,` `;` or a tab.
        separator: char,
    },
    Xlsx {
        /// The first one; others are not read.
        sheet: String,
    },
}

pub(super) type Cells<'a> = Vec<Cow<'a, str>>;

/// Sees each row that is not blank. An error ends the reading.
pub(super) type Visit<'v> = &'v mut dyn FnMut(u32, &mut Cells<'_>) -> Result<(), Failure>;

pub(super) fn read(bytes: &[u8], said: Option<Encoding>, visit: Visit<'_>) -> Result<Form, Failure> {
    if bytes.is_empty() {
        return Err(Failure::new(FailureCode::Empty));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return xlsx::read(bytes, visit);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(Failure::new(FailureCode::OldExcel));
    }
    csv::read(bytes, said, visit)
}

/// About how many rows there will be below the header; `None` when that is dear to know.
pub(super) fn rows_about(bytes: &[u8]) -> Option<i64> {
    let is_text = !bytes.starts_with(b"PK");
    let lines = || bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
    is_text.then(|| i64::try_from(lines()).unwrap_or(i64::MAX).saturating_sub(1).max(0))
}

pub(super) fn too_many_rows() -> Failure {
    Failure::new(FailureCode::TooManyRows).with("max", ROWS_MAX)
}

/// `A1`: columns from 0, rows from 1.
pub fn cell_name(row: u32, column: usize) -> String {
    format!("{}{row}", column_name(column))
}

pub(super) fn column_name(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(column % 26).unwrap_or(0));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.into_iter().rev().map(char::from).collect()
}

/// `B17` as row 17, column 1.
pub fn cell_at(name: &str) -> Option<(u32, usize)> {
    let split = name.find(|sign: char| sign.is_ascii_digit())?;
    let (letters, digits) = name.split_at(split);
    if letters.is_empty() || letters.len() > 3 || digits.len() > 7 || digits.starts_with('0') {
        return None;
    }
    let mut column = 0;
    for letter in letters.bytes() {
        let place = letter.is_ascii_uppercase().then(|| usize::from(letter - b'A'))?;
        column = column * 26 + place + 1;
    }
    Some((digits.parse().ok()?, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_a_spreadsheet_does() {
        for (row, column, name) in
            [(1, 0, "A1"), (17, 1, "B17"), (2, 25, "Z2"), (2, 26, "AA2"), (9, 701, "ZZ9"), (9, 702, "AAA9")]
        {
            assert_eq!(cell_name(row, column), name);
            assert_eq!(cell_at(name), Some((row, column)));
        }
        for wrong in ["", "A", "17", "b17", "B0", "B017", "AAAA1", "A1B", "A99999999", "Ａ1"] {
            assert_eq!(cell_at(wrong), None, "{wrong}");
        }
    }
}
