//! Units sold: line by line when the file has orders and lines, else as totals of a store, a SKU and a day.

use super::{Known, Row, number};
use crate::{
    domain::{
        ids::{SkuId, StoreId},
        import_fault::FaultCode,
    },
    import::{
        cells::UNITS_MAX,
        columns::{
            Columns,
            sales::{DAY, LINE_NO, ORDER_NO, SKU, STORE, UNITS},
        },
        records::Records,
    },
    storage::imports::{sales_lines::LineRow, sales_totals::TotalRow},
};
use chrono::NaiveDate;
use std::collections::HashMap;

const LINE_NO_MAX: i64 = 1_000_000_000;

pub(in crate::import) struct Check {
    by_line: bool,
    lines: Vec<LineRow>,
    seen: HashMap<(String, i64), u32>,
    totals: Vec<TotalRow>,
    /// Where each day's total stands in `totals`.
    days: HashMap<(StoreId, SkuId, NaiveDate), usize>,
}

impl Check {
    pub fn new(columns: &Columns) -> Self {
        Self {
            by_line: columns.place(ORDER_NO).is_some(),
            lines: Vec::new(),
            seen: HashMap::new(),
            totals: Vec::new(),
            days: HashMap::new(),
        }
    }

    pub fn row(&mut self, row: &mut Row<'_>, known: &Known) {
        let store = row.code(STORE).and_then(|code| {
            let store = known.store(&code).map(|store| store.store_id);
            if store.is_none() {
                row.fault(STORE, FaultCode::UnknownStore, &[]);
            }
            store
        });
        let sku = row.code(SKU).and_then(|code| {
            let sku = known.sku(&code);
            if sku.is_none() {
                row.fault(SKU, FaultCode::UnknownSku, &[]);
            }
            sku
        });
        let (day, units) = (row.past_day(DAY, known.today), row.whole(UNITS, -UNITS_MAX, UNITS_MAX));
        let line = if self.by_line { self.line(row) } else { None };
        let (Some(store_id), Some(sku_id), Some(day), Some(units)) = (store, sku, day, units) else { return };
        if !row.is_good() {
            return;
        }
        if units < 0 {
            row.fault(UNITS, FaultCode::Returned, &[]);
        }
        if let Some((order_no, line_no)) = line {
            self.lines.push(LineRow { row: number(row), order_no, line_no, store_id, sku_id, day, units });
        } else if !self.by_line {
            self.total(row, store_id, sku_id, day, units);
        }
    }

    fn line(&mut self, row: &mut Row<'_>) -> Option<(String, i64)> {
        if row.is_blank(ORDER_NO) {
            row.fault(ORDER_NO, FaultCode::Missing, &[]);
        }
        if row.is_blank(LINE_NO) {
            row.fault(LINE_NO, FaultCode::Missing, &[]);
        }
        let key = (row.code(ORDER_NO)?, row.whole(LINE_NO, 0, LINE_NO_MAX)?);
        if let Some(first) = self.seen.insert(key.clone(), row.number) {
            self.seen.insert(key.clone(), first);
            row.fault(LINE_NO, FaultCode::DoubledRow, &[("row", first.into())]);
        }
        Some(key)
    }

    fn total(&mut self, row: &mut Row<'_>, store_id: StoreId, sku_id: SkuId, day: NaiveDate, units: i64) {
        match self.days.get(&(store_id, sku_id, day)) {
            Some(at) => {
                let first = &mut self.totals[*at];
                first.units = first.units.saturating_add(units);
                let first_row = first.row;
                row.fault(UNITS, FaultCode::SummedUp, &[("row", first_row.into())]);
            }
            None => {
                self.days.insert((store_id, sku_id, day), self.totals.len());
                self.totals.push(TotalRow { row: number(row), store_id, sku_id, day, units });
            }
        }
    }

    pub fn finish(self) -> Records {
        if self.by_line { Records::SalesLines(self.lines) } else { Records::SalesTotals(self.totals) }
    }
}
