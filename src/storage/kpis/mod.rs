//! The key figures, each defined once: one SQL, used by the API, by the report of a round and by the tests; its words are
//! printed in `docs/kpi.md`, which a test holds against this table.
//!
//! Every figure is a quotient of whole numbers, so that nothing is lost to rounding before it is shown.

mod claims;
mod fairness;
mod goods;
mod orders;
mod scope;

use super::Result;
use crate::domain::ids::{RoundId, StoreId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// From 0 to 1.
    Ratio,
    Ms,
    /// Thousandths of a day.
    MilliDays,
    /// Of the chain's currency.
    Cents,
    Units,
}

/// Who reads a figure besides supervisors and administrators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Store people, of their own store.
    Store,
    Warehouse,
    Finance,
}

pub struct Kpi {
    pub name: &'static str,
    pub zh: &'static str,
    /// What is divided by what, over which rows.
    pub formula: &'static str,
    pub unit: Unit,
    pub source: &'static str,
    pub readers: &'static [Reader],
    /// Whether it can be said of one round.
    pub of_a_round: bool,
    sql: &'static str,
}

/// Every key figure, in the order in which it is shown.
pub fn all() -> impl Iterator<Item = &'static Kpi> {
    [claims::KPIS, goods::KPIS, fairness::KPIS, orders::KPIS].into_iter().flatten()
}

/// Which rounds, stores and days a figure is of.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub region: Option<&'a str>,
    pub store_id: Option<StoreId>,
    pub round_id: Option<RoundId>,
    /// Whose regions narrow what is seen.
    pub area_of: Option<UserId>,
}

/// A quotient; without a part, or of nothing, there is no value.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, Serialize, utoipa::ToSchema)]
pub struct Figure {
    /// Which of several figures of this name: a store's code, a span and its percentile. Empty where there is one.
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<i64>,
    pub whole: i64,
}

impl Kpi {
    pub async fn figures(&self, db: &mut PgConnection, scope: Scope<'_>) -> Result<Vec<Figure>> {
        sqlx::query_as(self.sql)
            .bind(scope.from)
            .bind(scope.to)
            .bind(scope.region)
            .bind(scope.store_id)
            .bind(scope.round_id)
            .bind(scope.area_of)
            .fetch_all(db)
            .await
    }
}

/// One of them by its name.
pub fn named(name: &str) -> Option<&'static Kpi> {
    all().find(|kpi| kpi.name == name)
}

/// The definitions as a table, for `docs/kpi.md`.
pub fn document() -> String {
    let mut text = String::from(
        "| name | 名称 | definition | unit | from the rows of | also read by |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for kpi in all() {
        let unit = match kpi.unit {
            Unit::Ratio => "ratio, 0–1",
            Unit::Ms => "ms",
            Unit::MilliDays => "thousandths of a day",
            Unit::Cents => "cents",
            Unit::Units => "units",
        };
        let reader = |reader: &Reader| match reader {
            Reader::Store => "own store",
            Reader::Warehouse => "warehouse",
            Reader::Finance => "finance",
        };
        let readers: Vec<_> = kpi.readers.iter().map(reader).collect();
        let readers = if readers.is_empty() { "–".to_owned() } else { readers.join(", ") };
        let row = [kpi.name, kpi.zh, kpi.formula, unit, kpi.source, &readers].join(" | ");
        text.push_str("| ");
        text.push_str(&row);
        text.push_str(" |\n");
    }
    text
}
