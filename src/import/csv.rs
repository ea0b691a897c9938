//! Separated values as programs really write them: comma, semicolon or tab; quotes as in RFC 4180; any line end. Our own
//! reader, because a quote that is never closed must be told with its place, and blank lines count as a spreadsheet
//! counts them.

use super::{
    CELL_BYTES_MAX, COLUMNS_MAX, ROWS_MAX, encoding,
    table::{Cells, Form, Visit, cell_name, too_many_rows},
};
use crate::domain::{
    import::Encoding,
    import_fault::{Failure, FailureCode},
};
use std::borrow::Cow;

pub(super) fn read(bytes: &[u8], said: Option<Encoding>, visit: Visit<'_>) -> Result<Form, Failure> {
    let (text, encoding) = encoding::text(bytes, said)?;
    let separator = separator_of(&text);
    let mut rows = Rows { text: &text, at: 0, separator, row: 0 };
    let mut cells = Cells::new();
    while let Some(row) = rows.next(&mut cells)? {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if row > ROWS_MAX + 1 {
            return Err(too_many_rows());
        }
        visit(row, &mut cells)?;
    }
    Ok(Form::Csv { encoding, separator: char::from(separator) })
}

/// The one that stands most often in the first line, outside quotes.
fn separator_of(text: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes().take(CELL_BYTES_MAX) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(sign, _)| *sign == byte).for_each(|(_, count)| *count += 1),
        }
    }
    // Of equals the first one.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| *sign)
}

struct Rows<'a> {
    text: &'a str,
    at: usize,
    separator: u8,
    row: u32,
}

impl<'a> Rows<'a> {
    /// The next line of the table; `None` at the end.
    fn next(&mut self, cells: &mut Cells<'a>) -> Result<Option<u32>, Failure> {
        let bytes = self.text.as_bytes();
        cells.clear();
        if self.at >= bytes.len() {
            return Ok(None);
        }
        self.row = self.row.saturating_add(1);
        loop {
            if cells.len() == COLUMNS_MAX {
                return Err(Failure::new(FailureCode::TooManyColumns).with("max", COLUMNS_MAX));
            }
            let cell = if bytes.get(self.at) == Some(&b'"') { self.quoted(cells.len())? } else { self.plain() };
            if cell.len() > CELL_BYTES_MAX {
                let cell = cell_name(self.row, cells.len());
                return Err(Failure::new(FailureCode::CellTooLong).with("cell", cell));
            }
            cells.push(cell);
            match bytes.get(self.at) {
                Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => self.at += 2,
                Some(b'\r' | b'\n') => self.at += 1,
                Some(_) => {
                    self.at += 1;
                    continue;
                }
                None => {}
            }
            return Ok(Some(self.row));
        }
    }

    /// Up to the next separator or line end.
    fn plain(&mut self) -> Cow<'a, str> {
        let rest = &self.text.as_bytes()[self.at..];
        let ends = |byte: &u8| *byte == self.separator || matches!(byte, b'\r' | b'\n');
        let len = rest.iter().position(ends).unwrap_or(rest.len());
        let cell = &self.text[self.at..self.at + len];
        self.at += len;
        Cow::Borrowed(cell)
    }

    fn quoted(&mut self, column: usize) -> Result<Cow<'a, str>, Failure> {
        let begin = self.at + 1;
        let mut from = begin;
        let mut doubled = false;
        let end = loop {
            let Some(quote) = self.text[from..].find('"') else {
                return Err(Failure::new(FailureCode::OpenQuote).with("cell", cell_name(self.row, column)));
            };
            let quote = from + quote;
            if self.text.as_bytes().get(quote + 1) != Some(&b'"') {
                break quote;
            }
            doubled = true;
            from = quote + 2;
        };
        let inside = &self.text[begin..end];
        let inside = if doubled { Cow::Owned(inside.replace("\"\"", "\"")) } else { Cow::Borrowed(inside) };
        self.at = end + 1;
        // Nothing should follow; what does is part of the cell, as spreadsheets have it.
        let rest = self.plain();
        Ok(if rest.is_empty() { inside } else { Cow::Owned(format!("{inside}{rest}")) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> Result<Vec<(u32, Vec<String>)>, FailureCode> {
        let mut rows = Vec::new();
        let mut visit = |row: u32, cells: &mut Cells<'_>| {
            rows.push((row, cells.iter().map(|cell| cell.clone().into_owned()).collect()));
            Ok(())
        };
        read(text.as_bytes(), None, &mut visit).map_err(|failure| failure.code)?;
        Ok(rows)
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (number, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn separators_quotes_and_line_ends_of_every_kind() {
        let expected = vec![row(1, &["a", "b"]), row(2, &["1", "x, \"y\"; \nz"])];
        for text in [
            "a,b\n1,\"x, \"\"y\"\"; \nz\"\n",
            "a,b\r\n1,\"x, \"\"y\"\"; \nz\"",
            "a;b\r1;\"x, \"\"y\"\"; \nz\"\r",
            "a\tb\n1\t\"x, \"\"y\"\"; \nz\"",
        ] {
            assert_eq!(all(text), Ok(expected.clone()), "{text:?}");
        }
        assert_eq!(all("a,b\n\n,\n1,"), Ok(vec![row(1, &["a", "b"]), row(4, &["1", ""])]), "blank rows count");
        assert_eq!(all("a\n5\" nails\n\"x\"y"), Ok(vec![row(1, &["a"]), row(2, &["5\" nails"]), row(3, &["xy"])]));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_cell() {
        assert_eq!(all("a,b\n1,\"x\n2,y\n"), Err(FailureCode::OpenQuote));
        assert_eq!(all(&format!("a\n{}", "x".repeat(CELL_BYTES_MAX + 1))), Err(FailureCode::CellTooLong));
        assert_eq!(all(&",".repeat(COLUMNS_MAX)), Err(FailureCode::TooManyColumns));
        assert_eq!(all(&"x\n".repeat(ROWS_MAX as usize + 2)), Err(FailureCode::TooManyRows));
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_reading(text in any::<String>()) {
            let _ = all(&text);
        }

        #[test]
        fn what_was_quoted_comes_back(cells in prop::collection::vec("[^\u{0}]{0,12}", 1..5)) {
            prop_assume!(cells.iter().any(|cell| !cell.trim().is_empty()));
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            let text = format!("h,h,h,h,h\n{}", quoted.join(","));
            prop_assert_eq!(all(&text).expect("is read")[1].1.clone(), cells);
        }
    }
}
