//! What the books say to the records of a file, and what a take-over would therefore write.

use super::{
    columns::{sales, stock},
    reading::Read,
    records::{Outcome, Records},
};
use crate::{
    domain::import_fault::FaultCode,
    storage::{
        self,
        imports::{
            counted::{self, CountRow, Difference},
            prices::PriceRow,
            sales_lines::{self, LineRow},
            sales_totals::{self, TotalRow},
            skus::SkuRow,
            stores::StoreRow,
        },
    },
};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// What is to be written: nothing that would change nothing.
pub(super) enum Plan {
    Stores(Vec<StoreRow>),
    Skus(Vec<SkuRow>),
    Prices(Vec<PriceRow>),
    Stock(Vec<Difference>),
    SalesLines(Vec<LineRow>),
    SalesTotals(Vec<TotalRow>),
}

/// `lock`: the plan is about to be written, and nobody may change what it rests on.
pub(super) async fn judge(tx: &mut PgConnection, read: &mut Read, lock: bool) -> storage::Result<Plan> {
    let records = std::mem::replace(&mut read.records, Records::Prices(Vec::new()));
    Ok(match records {
        Records::Stores(rows) => Plan::Stores(rows),
        Records::Skus(rows) => Plan::Skus(rows),
        Records::Prices(rows) => Plan::Prices(rows),
        Records::Stock(rows) => Plan::Stock(counts(tx, read, rows, lock).await?),
        Records::SalesLines(rows) => Plan::SalesLines(lines(tx, read, rows).await?),
        Records::SalesTotals(rows) => Plan::SalesTotals(totals(tx, read, rows).await?),
    })
}

fn fault(read: &mut Read, row: i32, field: usize, value: &str, code: FaultCode, numbers: &[(&str, Value)]) {
    let row = u32::try_from(row).unwrap_or_default();
    read.faults.add(row, read.columns.place(field), value, code, numbers);
}

async fn counts(
    tx: &mut PgConnection,
    read: &mut Read,
    rows: Vec<CountRow>,
    lock: bool,
) -> storage::Result<Vec<Difference>> {
    let compared = counted::compare(tx, &rows, lock).await?;
    let by_row: HashMap<i32, CountRow> = rows.into_iter().map(|count| (count.row, count)).collect();
    let mut differences = Vec::new();
    for found in compared {
        let Some(count) = by_row.get(&found.row_no).copied() else { continue };
        // What came since the count was not counted, what went was.
        let target = count.units.saturating_add(found.moved);
        if target < found.promised {
            let numbers = [("promised", found.promised.into())];
            fault(read, count.row, stock::ON_HAND, &count.units.to_string(), FaultCode::BelowPromised, &numbers);
            continue;
        }
        let delta = target - found.on_hand;
        if delta == 0 {
            read.outcome.unchanged += 1;
        } else {
            read.outcome.changed += 1;
            differences.push(Difference { count, on_hand_before: found.on_hand, delta });
        }
    }
    differences.sort_unstable_by_key(|difference| difference.count.row);
    Ok(differences)
}

async fn lines(tx: &mut PgConnection, read: &mut Read, mut rows: Vec<LineRow>) -> storage::Result<Vec<LineRow>> {
    let mut outcome = Outcome::default();
    let mut known: HashMap<i32, sales_lines::Known> =
        sales_lines::known(tx, &rows).await?.into_iter().map(|known| (known.row_no, known)).collect();
    let of_totals: HashSet<i32> = sales_lines::of_totals(tx, &rows).await?.into_iter().collect();
    rows.retain(|line| {
        let known = known.remove(&line.row);
        if of_totals.contains(&line.row) {
            fault(read, line.row, sales::DAY, &line.day.to_string(), FaultCode::DayHasTotal, &[]);
            return false;
        }
        match known {
            None => outcome.new += 1,
            Some(sales_lines::Known { other_store: Some(store), .. }) => {
                let numbers = [("store", store.into())];
                fault(read, line.row, sales::ORDER_NO, &line.order_no, FaultCode::LineElsewhere, &numbers);
                return false;
            }
            Some(known) if known.same => {
                outcome.unchanged += 1;
                return false;
            }
            Some(_) => outcome.changed += 1,
        }
        true
    });
    read.outcome = outcome;
    Ok(rows)
}

async fn totals(tx: &mut PgConnection, read: &mut Read, mut rows: Vec<TotalRow>) -> storage::Result<Vec<TotalRow>> {
    let mut outcome = Outcome::default();
    let known: HashMap<i32, sales_totals::Known> =
        sales_totals::known(tx, &rows).await?.into_iter().map(|known| (known.row_no, known)).collect();
    rows.retain(|total| {
        match known.get(&total.row) {
            None => outcome.new += 1,
            Some(known) if known.of_lines => {
                fault(read, total.row, sales::DAY, &total.day.to_string(), FaultCode::DayHasLines, &[]);
                return false;
            }
            Some(known) if known.same => {
                outcome.unchanged += 1;
                return false;
            }
            Some(_) => outcome.changed += 1,
        }
        true
    });
    read.outcome = outcome;
    Ok(rows)
}
