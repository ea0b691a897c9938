//! From bytes to records: pure, and the same for what is shown and what is written.

use super::{
    cells::Row,
    check::{Checker, Known},
    columns::{Columns, fields},
    faults::{Faults, shown},
    preview::{SeenColumn, SeenRow},
    records::{Outcome, Records},
    table::{self, Form, column_name},
};
use crate::domain::{
    import::{Encoding, ImportKind},
    import_fault::{Failure, FailureCode},
};
use std::{
    borrow::Cow,
    collections::HashMap,
    sync::atomic::{AtomicI64, Ordering},
};

const SAMPLE_ROWS: usize = 10;

/// Cells that somebody mended, by row and column.
pub(super) type Mended = HashMap<u32, Vec<(usize, String)>>;

pub(super) struct Ask {
    pub kind: ImportKind,
    pub encoding_said: Option<Encoding>,
    pub mended: Mended,
    pub known: Known,
}

pub(super) struct Read {
    pub form: Form,
    pub columns: Columns,
    pub sample: Vec<SeenRow>,
    pub rows: i64,
    pub faults: Faults,
    pub records: Records,
    pub outcome: Outcome,
}

/// Reads all of it; `progress` counts rows meanwhile.
pub(super) fn read(bytes: &[u8], ask: &Ask, progress: &AtomicI64) -> Result<Read, Failure> {
    let mut reader: Option<(Columns, Checker)> = None;
    let mut faults = Faults::default();
    let mut sample = Vec::new();
    let mut rows = 0;
    let mut visit = |number: u32, cells: &mut table::Cells<'_>| {
        let Some((columns, checker)) = &mut reader else {
            let columns = Columns::find(ask.kind, cells, ask.known.rights)?;
            let checker = Checker::new(ask.kind, &columns);
            reader = Some((columns, checker));
            return Ok(());
        };
        for (column, value) in ask.mended.get(&number).into_iter().flatten() {
            if cells.len() <= *column {
                cells.resize(column + 1, Cow::Borrowed(""));
            }
            cells[*column] = Cow::Owned(value.clone());
        }
        rows += 1;
        progress.store(rows, Ordering::Relaxed);
        if sample.len() < SAMPLE_ROWS {
            sample.push(SeenRow { row: number, cells: cells.iter().map(|cell| shown(cell)).collect() });
        }
        let mut row = Row::new(number, ask.kind, cells, columns, &mut faults);
        checker.row(&mut row, &ask.known);
        Ok(())
    };
    let form = table::read(bytes, ask.encoding_said, &mut visit)?;
    let (columns, checker) = reader.ok_or_else(|| Failure::new(FailureCode::Empty))?;
    if rows == 0 {
        return Err(Failure::new(FailureCode::OnlyHeader));
    }
    let (records, outcome) = checker.finish();
    Ok(Read { form, columns, sample, rows, faults, records, outcome })
}

/// Every column of the file, and what it is taken for.
pub(super) fn seen_columns(kind: ImportKind, columns: &Columns) -> Vec<SeenColumn> {
    let seen = |(at, header): (usize, &String)| SeenColumn {
        letter: column_name(at),
        header: header.clone(),
        field: columns.field_at(at).map(|field| fields(kind)[field].name.to_owned()),
    };
    columns.headers.iter().enumerate().map(seen).collect()
}
