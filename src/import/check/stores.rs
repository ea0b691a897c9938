//! A store by its code: made when it is new, else changed where it differs.

use super::{Known, Row, number};
use crate::{
    domain::{ids::StoreId, import_fault::FaultCode},
    import::{
        cells::UNITS_MAX,
        columns::stores::{CODE, CREDIT, DOCK, LAT, LNG, NAME, REGION, STATUS},
        records::Outcome,
    },
    storage::imports::stores::{DOCK_UNITS_PER_DAY, StoreRow},
};
use std::collections::HashMap;

#[derive(Default)]
pub(in crate::import) struct Check {
    seen: HashMap<String, u32>,
    pub rows: Vec<StoreRow>,
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
        let (name, region) = (row.text(NAME, 120), row.text(REGION, 60));
        let place = place(row);
        let (active, dock) = (row.active(STATUS), row.whole(DOCK, 0, UNITS_MAX));
        let credit = row.cents(CREDIT);
        let (Some(code), Some(name), Some(region)) = (code, name, region) else { return };
        let old = known.stores.get(&code);
        let out_of_reach = !known.is_in_reach(&region) || old.is_some_and(|old| !known.is_in_reach(&old.region));
        if out_of_reach {
            row.fault(REGION, FaultCode::NotYourRegion, &[]);
        }
        if !row.is_good() {
            return;
        }
        if old.is_none() {
            // Of a column that is not there it is said once.
            let first = self.outcome.new == 0;
            if credit.is_none() && (first || row.has(CREDIT)) {
                row.fault(CREDIT, FaultCode::NoCredit, &[]);
            }
            if dock.is_none() && (first || row.has(DOCK)) {
                row.fault(DOCK, FaultCode::NoDock, &[("units", DOCK_UNITS_PER_DAY.into())]);
            }
        }
        let said = StoreRow {
            row: number(row),
            store_id: old.map_or_else(StoreId::new, |old| old.store_id),
            is_new: old.is_none(),
            code,
            name,
            region,
            place,
            active,
            dock_units_per_day: dock,
            credit_limit_cents: credit,
        };
        match old {
            None => self.outcome.new += 1,
            Some(old) => {
                let same = (&old.name, &old.region) == (&said.name, &said.region)
                    && place.is_none_or(|(lat, lng)| (old.lat, old.lng) == (Some(lat), Some(lng)))
                    && active.is_none_or(|active| active == old.active)
                    && dock.is_none_or(|dock| dock == old.dock_units_per_day)
                    && credit.is_none_or(|credit| credit == old.credit_limit_cents);
                if same {
                    self.outcome.unchanged += 1;
                    return;
                }
                self.outcome.changed += 1;
            }
        }
        self.rows.push(said);
    }
}

/// Both or none: half a place is nowhere.
fn place(row: &mut Row<'_>) -> Option<(f64, f64)> {
    if !row.has(LAT) || !row.has(LNG) {
        return None;
    }
    if row.is_blank(LAT) || row.is_blank(LNG) {
        row.fault(LAT, FaultCode::NoPlace, &[]);
        return None;
    }
    let (lat, lng) = (row.degrees(LAT, 90.0), row.degrees(LNG, 180.0));
    lat.zip(lng)
}
