//! A SKU by its code: made when it is new, else changed where it differs.

use super::{Known, Row, number};
use crate::{
    domain::{ids::SkuId, import_fault::FaultCode},
    import::{
        columns::skus::{
            BARCODE, BRAND, BROKEN_CASE_OK, CASE_BARCODE, CASE_PACK, CATEGORY, CODE, INNER_PACK, NAME, PRICE,
        },
        records::Outcome,
    },
    storage::imports::{books::KnownSku, skus::SkuRow},
};
use std::collections::HashMap;

/// Units in a case; more than any pallet holds.
const PACK_MAX: i64 = 100_000;

#[derive(Default)]
pub(in crate::import) struct Check {
    seen: HashMap<String, u32>,
    barcodes: HashMap<String, u32>,
    pub rows: Vec<SkuRow>,
    pub outcome: Outcome,
}

impl Check {
    pub fn row(&mut self, row: &mut Row<'_>, known: &Known) {
        let code = row.code(CODE);
        if let Some(code) = &code
            && let Some(first) = self.seen.insert(code.clone(), row.number)
        {
            self.seen.insert(code.clone(), first);
            row.fault(CODE, FaultCode::DoubledRow, &[("row", first.into())]);
        }
        let (name, category) = (row.text(NAME, 200), row.text(CATEGORY, 80));
        let brand = row.text(BRAND, 120).or_else(|| (row.has(BRAND) && row.is_blank(BRAND)).then(String::new));
        let case_pack = row.whole(CASE_PACK, 1, PACK_MAX);
        let inner_pack = inner_pack(row, case_pack);
        let broken_case_ok = row.yes_no(BROKEN_CASE_OK);
        let price = row.cents(PRICE);
        let (barcode, case_barcode) = (self.barcode(row), case_barcode(row));
        let (Some(code), Some(name), Some(category), Some(case_pack), Some(price)) =
            (code, name, category, case_pack, price)
        else {
            return;
        };
        if !row.is_good() {
            return;
        }
        let old = known.skus.get(&code);
        let keeps_price = !known.rights.set_prices && old.is_some();
        if keeps_price && old.is_some_and(|old| old.price_cents != price) {
            row.fault(PRICE, FaultCode::PriceKept, &[]);
        }
        let said = SkuRow {
            row: number(row),
            sku_id: old.map_or_else(SkuId::new, |old| old.sku_id),
            is_new: old.is_none(),
            code,
            name,
            category,
            brand,
            case_pack,
            inner_pack,
            broken_case_ok,
            price_cents: (!keeps_price).then_some(price),
            barcode,
            case_barcode,
        };
        match old {
            None => self.outcome.new += 1,
            Some(old) if is_same(old, &said) => {
                self.outcome.unchanged += 1;
                return;
            }
            Some(_) => self.outcome.changed += 1,
        }
        self.rows.push(said);
    }

    /// Gift packs and case sizes share barcodes: odd, and no reason to refuse.
    fn barcode(&mut self, row: &mut Row<'_>) -> Option<String> {
        if !row.has(BARCODE) {
            return None;
        }
        if row.is_blank(BARCODE) {
            row.fault(BARCODE, FaultCode::NoBarcode, &[]);
            return Some(String::new());
        }
        let barcode = row.barcode(BARCODE)?;
        match self.barcodes.get(&barcode) {
            Some(first) => row.fault(BARCODE, FaultCode::SharedBarcode, &[("row", (*first).into())]),
            None => {
                self.barcodes.insert(barcode.clone(), row.number);
            }
        }
        Some(barcode)
    }
}

/// An inner pack that no case is made of helps nobody.
fn inner_pack(row: &mut Row<'_>, case_pack: Option<i64>) -> Option<Option<i64>> {
    if !row.has(INNER_PACK) {
        return None;
    }
    if row.is_blank(INNER_PACK) || row.is_zero(INNER_PACK) {
        return Some(None);
    }
    let inner = row.whole(INNER_PACK, 1, PACK_MAX)?;
    if case_pack.is_some_and(|case| inner > case) {
        row.fault(INNER_PACK, FaultCode::InnerOverCase, &[]);
        return Some(None);
    }
    Some(Some(inner))
}

fn case_barcode(row: &mut Row<'_>) -> Option<String> {
    if row.is_blank(CASE_BARCODE) {
        return row.has(CASE_BARCODE).then(String::new);
    }
    if row.is_zero(CASE_BARCODE) {
        row.fault(CASE_BARCODE, FaultCode::NoCaseBarcode, &[]);
        return Some(String::new());
    }
    row.barcode(CASE_BARCODE)
}

fn is_same(old: &KnownSku, said: &SkuRow) -> bool {
    (&old.name, &old.category, old.case_pack) == (&said.name, &said.category, said.case_pack)
        && said.brand.as_ref().is_none_or(|brand| *brand == old.brand)
        && said.inner_pack.is_none_or(|inner| inner == old.inner_pack)
        && said.broken_case_ok.is_none_or(|ok| ok == old.broken_case_ok)
        && said.price_cents.is_none_or(|price| price == old.price_cents)
        && said.barcode.as_ref().is_none_or(|barcode| *barcode == old.barcode)
        && said.case_barcode.as_ref().is_none_or(|barcode| *barcode == old.case_barcode)
}
