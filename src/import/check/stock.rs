//! Units on hand of a warehouse or a store, as counted at a time.

use super::{Known, Row, number};
use crate::{
    domain::{ids::SkuId, import_fault::FaultCode},
    import::{
        cells::UNITS_MAX,
        columns::stock::{AS_OF, ON_HAND, SITE, SKU},
    },
    storage::imports::counted::CountRow,
};
use chrono::{DateTime, TimeZone, Utc};
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Default)]
pub(in crate::import) struct Check {
    seen: HashMap<(Uuid, SkuId), u32>,
    pub rows: Vec<CountRow>,
}

impl Check {
    pub fn row(&mut self, row: &mut Row<'_>, known: &Known) {
        let site = row.code(SITE).and_then(|code| site(row, known, &code));
        let sku = row.code(SKU).and_then(|code| {
            let sku = known.sku(&code);
            if sku.is_none() {
                row.fault(SKU, FaultCode::UnknownSku, &[]);
            }
            sku
        });
        let units = row.whole(ON_HAND, 0, UNITS_MAX);
        let as_of = if row.is_blank(AS_OF) { Some(known.made_at) } else { as_of(row, known) };
        let (Some(site_id), Some(sku_id)) = (site, sku) else { return };
        if let Some(first) = self.seen.insert((site_id, sku_id), row.number) {
            self.seen.insert((site_id, sku_id), first);
            row.fault(SKU, FaultCode::DoubledRow, &[("row", first.into())]);
        }
        let (Some(units), Some(as_of)) = (units, as_of) else { return };
        if row.is_good() {
            self.rows.push(CountRow { row: number(row), site_id, sku_id, units, as_of });
        }
    }
}

fn site(row: &mut Row<'_>, known: &Known, code: &str) -> Option<Uuid> {
    let refused = match (known.warehouses.get(code), known.store(code)) {
        (Some(_), Some(_)) => FaultCode::AmbiguousSite,
        (Some(site), None) => return Some(*site),
        (None, Some(store)) if known.rights.count_stores => return Some(store.store_id.0),
        (None, Some(_)) => FaultCode::NotYourSite,
        (None, None) => FaultCode::UnknownSite,
    };
    row.fault(SITE, refused, &[]);
    None
}

/// In the chain's zone. Of an hour that a clock's turning repeats, the first.
fn as_of(row: &mut Row<'_>, known: &Known) -> Option<DateTime<Utc>> {
    let local = row.time(AS_OF)?;
    let Some(time) = known.zone.from_local_datetime(&local).earliest() else {
        row.fault(AS_OF, FaultCode::BadTime, &[]);
        return None;
    };
    let time = time.with_timezone(&Utc);
    if time > known.now {
        row.fault(AS_OF, FaultCode::FutureTime, &[]);
        return None;
    }
    Some(time)
}
