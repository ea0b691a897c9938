//! The list price of a SKU that exists.

use super::{Known, Row, number};
use crate::{
    domain::import_fault::FaultCode,
    import::{
        columns::prices::{PRICE, SKU},
        records::Outcome,
    },
    storage::imports::prices::PriceRow,
};
use std::collections::HashMap;

#[derive(Default)]
pub(in crate::import) struct Check {
    seen: HashMap<String, u32>,
    pub rows: Vec<PriceRow>,
    pub outcome: Outcome,
}

impl Check {
    pub fn row(&mut self, row: &mut Row<'_>, known: &Known) {
        let (code, price) = (row.code(SKU), row.cents(PRICE));
        let Some(code) = code else { return };
        if let Some(first) = self.seen.insert(code.clone(), row.number) {
            self.seen.insert(code.clone(), first);
            row.fault(SKU, FaultCode::DoubledRow, &[("row", first.into())]);
        }
        let Some(old) = known.skus.get(&code) else { return row.fault(SKU, FaultCode::UnknownSku, &[]) };
        let Some(price_cents) = price.filter(|_| row.is_good()) else { return };
        if old.price_cents == price_cents {
            self.outcome.unchanged += 1;
        } else {
            self.outcome.changed += 1;
            self.rows.push(PriceRow { row: number(row), sku_id: old.sku_id, price_cents });
        }
    }
}
