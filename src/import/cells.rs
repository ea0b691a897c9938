//! One row under the checker's eyes: each cell is asked for by its field, and what is wrong with it is noted with its
//! address at once.

use super::{
    columns::{Columns, fields},
    faults::Faults,
    table::Cells,
    values,
};
use crate::domain::{
    import::ImportKind,
    import_fault::{FaultCode, Severity},
};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

/// What a failed formula leaves in its cell.
const CELL_ERRORS: [&str; 8] = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"];
const REPLACEMENT: char = '\u{fffd}';
/// Base units of one cell.
pub(super) const UNITS_MAX: i64 = 10_000_000;
const CENTS_MAX: i64 = 1_000_000_000_000;

pub(super) struct Row<'a> {
    pub number: u32,
    kind: ImportKind,
    cells: &'a Cells<'a>,
    columns: &'a Columns,
    faults: &'a mut Faults,
    good: bool,
}

impl<'a> Row<'a> {
    pub fn new(
        number: u32,
        kind: ImportKind,
        cells: &'a Cells<'a>,
        columns: &'a Columns,
        faults: &'a mut Faults,
    ) -> Self {
        let mut row = Self { number, kind, cells, columns, faults, good: true };
        let width = columns.headers.len();
        if let Some((at, extra)) = cells.iter().enumerate().skip(width).find(|(_, cell)| !cell.trim().is_empty()) {
            row.faults.add(number, Some(at), extra, FaultCode::ExtraCells, &[]);
            row.good = false;
        }
        row
    }

    /// Nothing was found that keeps the row out.
    pub fn is_good(&self) -> bool {
        self.good
    }

    /// As it stands there, without the spaces around; `None`: nothing does, or there is no such column.
    fn raw(&self, field: usize) -> Option<&'a str> {
        let cell = self.cells.get(self.columns.place(field)?)?;
        Some(cell.trim()).filter(|text| !text.is_empty())
    }

    pub fn has(&self, field: usize) -> bool {
        self.columns.place(field).is_some()
    }

    pub fn fault(&mut self, field: usize, code: FaultCode, numbers: &[(&str, Value)]) {
        let value = self.raw(field).unwrap_or_default();
        self.faults.add(self.number, self.columns.place(field), value, code, numbers);
        self.good &= code.severity() == Severity::Warning;
    }

    fn fail<T>(&mut self, field: usize, code: FaultCode, numbers: &[(&str, Value)]) -> Option<T> {
        self.fault(field, code, numbers);
        None
    }

    /// What stands there and can be read at all. A required cell that is empty is a fault.
    fn value(&mut self, field: usize) -> Option<&'a str> {
        match self.raw(field) {
            None if fields(self.kind)[field].required => self.fail(field, FaultCode::Missing, &[]),
            Some(text) if CELL_ERRORS.contains(&text) => self.fail(field, FaultCode::CellError, &[]),
            // Line ends and tabs inside a cell are spaces that somebody pressed.
            Some(text) if text.chars().any(|sign| sign.is_control() && !matches!(sign, '\r' | '\n' | '\t')) => {
                self.fail(field, FaultCode::BadSign, &[])
            }
            found => found,
        }
    }

    /// A text of at most `max` characters, as it is: what looks like a formula stays a text.
    pub fn text(&mut self, field: usize, max: usize) -> Option<String> {
        let text = self.value(field)?.replace(['\r', '\n', '\t'], " ");
        if text.chars().count() > max {
            return self.fail(field, FaultCode::TooLong, &[("max", max.into())]);
        }
        if text.contains(REPLACEMENT) {
            self.fault(field, FaultCode::BrokenText, &[]);
        }
        Some(text)
    }

    /// A text by which others find something: never a broken one.
    pub fn code(&mut self, field: usize) -> Option<String> {
        const MAX: usize = 40;
        let text = self.value(field)?;
        if text.contains(REPLACEMENT) {
            return self.fail(field, FaultCode::BrokenCode, &[]);
        }
        if text.contains(['\r', '\n', '\t']) {
            return self.fail(field, FaultCode::BadSign, &[]);
        }
        if text.chars().count() > MAX {
            return self.fail(field, FaultCode::TooLong, &[("max", MAX.into())]);
        }
        Some(text.to_owned())
    }

    pub fn whole(&mut self, field: usize, min: i64, max: i64) -> Option<i64> {
        let text = self.value(field)?;
        let Some(number) = values::whole(text) else { return self.fail(field, FaultCode::NotWhole, &[]) };
        if !(min..=max).contains(&number) {
            return self.fail(field, FaultCode::OutOfRange, &[("min", min.into()), ("max", max.into())]);
        }
        Some(number)
    }

    pub fn cents(&mut self, field: usize) -> Option<i64> {
        let text = self.value(field)?;
        match values::cents(text) {
            None => self.fail(field, FaultCode::NotMoney, &[]),
            Some(cents) if !(0..=CENTS_MAX).contains(&cents) => {
                self.fail(field, FaultCode::OutOfRange, &[("min", 0.into()), ("max", (CENTS_MAX / 100).into())])
            }
            some => some,
        }
    }

    /// A day that is not to come.
    pub fn past_day(&mut self, field: usize, today: NaiveDate) -> Option<NaiveDate> {
        let text = self.value(field)?;
        match values::day(text) {
            None => self.fail(field, FaultCode::BadDay, &[]),
            Some(day) if day > today => self.fail(field, FaultCode::FutureDay, &[("today", today.to_string().into())]),
            some => some,
        }
    }

    pub fn time(&mut self, field: usize) -> Option<NaiveDateTime> {
        let text = self.value(field)?;
        values::time(text).or_else(|| self.fail(field, FaultCode::BadTime, &[]))
    }

    pub fn degrees(&mut self, field: usize, max: f64) -> Option<f64> {
        let text = self.value(field)?;
        values::degrees(text, max).or_else(|| self.fail(field, FaultCode::BadPlace, &[]))
    }

    pub fn yes_no(&mut self, field: usize) -> Option<bool> {
        let text = self.value(field)?;
        values::yes_no(text).or_else(|| self.fail(field, FaultCode::NotYesNo, &[]))
    }

    pub fn active(&mut self, field: usize) -> Option<bool> {
        let text = self.value(field)?;
        values::active(text).or_else(|| self.fail(field, FaultCode::BadStatus, &[]))
    }

    /// 8 to 14 digits; programs lose leading zeros, so a little less is taken as it is.
    pub fn barcode(&mut self, field: usize) -> Option<String> {
        let text = self.value(field)?;
        let fits = (6..=14).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Some(text.to_owned()) } else { self.fail(field, FaultCode::BadBarcode, &[]) }
    }

    /// Whether the cell holds nothing but zeros.
    pub fn is_zero(&self, field: usize) -> bool {
        self.raw(field).is_some_and(|text| text.bytes().all(|byte| byte == b'0'))
    }

    pub fn is_blank(&self, field: usize) -> bool {
        self.raw(field).is_none()
    }
}
