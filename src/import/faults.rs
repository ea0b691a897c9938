//! What a reading finds wrong or odd: all of it counted, the first thousand of each sort kept.

use crate::domain::import_fault::{FaultCode, Numbers, Severity};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

const KEPT_MAX: usize = 1_000;
/// Of a value that is shown.
const VALUE_CHARS_MAX: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub row: u32,
    /// `None`: the row as a whole.
    pub column: Option<usize>,
    pub value: String,
    pub code: FaultCode,
    pub numbers: Numbers,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    errors: Vec<Fault>,
    warnings: Vec<Fault>,
    pub counts: BTreeMap<FaultCode, i64>,
    bad_rows: HashSet<u32>,
    warned_rows: HashSet<u32>,
}

impl Faults {
    pub fn add(&mut self, row: u32, column: Option<usize>, value: &str, code: FaultCode, numbers: &[(&str, Value)]) {
        *self.counts.entry(code).or_default() += 1;
        let (kept, rows) = match code.severity() {
            Severity::Error => (&mut self.errors, &mut self.bad_rows),
            Severity::Warning => (&mut self.warnings, &mut self.warned_rows),
        };
        rows.insert(row);
        if kept.len() < KEPT_MAX {
            let value = shown(value);
            let numbers = numbers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            kept.push(Fault { row, column, value, code, numbers });
        }
    }

    pub fn bad(&self) -> i64 {
        i64::try_from(self.bad_rows.len()).unwrap_or(i64::MAX)
    }

    pub fn warned(&self) -> i64 {
        i64::try_from(self.warned_rows.len()).unwrap_or(i64::MAX)
    }

    /// Errors first, each sort by row and column.
    pub fn kept(mut self) -> Vec<Fault> {
        self.errors.sort_by_key(|fault| (fault.row, fault.column));
        self.warnings.sort_by_key(|fault| (fault.row, fault.column));
        self.errors.extend(self.warnings);
        self.errors
    }
}

/// As it can be stored and shown: not endless, and without the NUL that Postgres does not take.
pub(super) fn shown(value: &str) -> String {
    value.chars().take(VALUE_CHARS_MAX).map(|sign| if sign == '\0' { '\u{2400}' } else { sign }).collect()
}
