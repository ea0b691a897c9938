//! The first sheet of a workbook, cell by cell. Everything is unpacked once and counted before anybody reads it: a small
//! file can hold a thousand times its size. Formulas are not run; what a cell showed when it was saved is its value.

use super::{
    CELL_BYTES_MAX, COLUMNS_MAX, ROWS_MAX, UNPACKED_BYTES_MAX,
    table::{Cells, Form, Visit, cell_name, too_many_rows},
};
use crate::domain::import_fault::{Failure, FailureCode};
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use std::{
    borrow::Cow,
    io::{Cursor, Read},
};

/// Parts of a workbook; ours have a dozen.
const PARTS_MAX: usize = 1_000;

pub(super) fn read(bytes: &[u8], visit: Visit<'_>) -> Result<Form, Failure> {
    unpacked_fits(bytes)?;
    let broken = |_| Failure::new(FailureCode::NotAWorkbook);
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let sheet = book.sheet_names().first().cloned().ok_or_else(|| Failure::new(FailureCode::NoSheet))?;
    let mut reader = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    let mut row = Row { number: 0, cells: Cells::new() };
    while let Some(cell) = reader.next_cell().map_err(broken)? {
        let (at, column) = cell.get_position();
        let number = at.saturating_add(1);
        let value = text_of(cell.get_value());
        if value.is_empty() {
            continue;
        }
        if number != row.number {
            // Rows come in order; a workbook that says otherwise was not written by a spreadsheet.
            if number < row.number {
                return Err(Failure::new(FailureCode::NotAWorkbook));
            }
            row.end(visit)?;
            row.number = number;
        }
        if number > ROWS_MAX + 1 {
            return Err(too_many_rows());
        }
        row.put(usize::try_from(column).unwrap_or(usize::MAX), value)?;
    }
    row.end(visit)?;
    Ok(Form::Xlsx { sheet })
}

/// A row as far as it was read.
struct Row {
    number: u32,
    cells: Cells<'static>,
}

impl Row {
    fn put(&mut self, column: usize, value: String) -> Result<(), Failure> {
        if column >= COLUMNS_MAX {
            return Err(Failure::new(FailureCode::TooManyColumns).with("max", COLUMNS_MAX));
        }
        if value.len() > CELL_BYTES_MAX {
            return Err(Failure::new(FailureCode::CellTooLong).with("cell", cell_name(self.number, column)));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cow::Borrowed(""));
        }
        self.cells[column] = Cow::Owned(value);
        Ok(())
    }

    fn end(&mut self, visit: Visit<'_>) -> Result<(), Failure> {
        if self.cells.iter().any(|cell| !cell.trim().is_empty()) {
            visit(self.number, &mut self.cells)?;
        }
        self.cells.clear();
        Ok(())
    }
}

/// Unpacks every part and counts: what a directory says of sizes is only said.
fn unpacked_fits(bytes: &[u8]) -> Result<(), Failure> {
    let broken = || Failure::new(FailureCode::NotAWorkbook);
    let too_much = || Failure::new(FailureCode::TooMuchInside).with("max", UNPACKED_BYTES_MAX / 1024 / 1024);
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| broken())?;
    if zip.len() > PARTS_MAX {
        return Err(too_much());
    }
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..zip.len() {
        let part = zip.by_index(index).map_err(|_| broken())?;
        let size = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| broken())?;
        left = left.checked_sub(size).ok_or_else(too_much)?;
    }
    Ok(())
}

/// As the spreadsheet shows it, near enough: whole numbers without a point, days as 2026-11-22.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(time) => time_text(time),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// Fifteen digits, which is what spreadsheets keep: 12.340000000000002 was typed as 12.34.
fn number_text(number: f64) -> String {
    let rounded = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    rounded.to_string()
}

fn time_text(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        return number_text(time.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_were_typed() {
        for (number, text) in [
            (12.0, "12"),
            (12.340000000000002, "12.34"),
            (856065002226.0, "856065002226"),
            (-3.0, "-3"),
            (0.1 + 0.2, "0.3"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }
}
