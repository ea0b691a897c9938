//! A row's cells as a record of its kind, or what is wrong with them.

mod prices;
mod sales;
mod skus;
mod stock;
mod stores;

use super::{
    cells::Row,
    columns::Columns,
    records::{Outcome, Records},
};
use crate::{
    domain::{
        ids::SkuId,
        import::{ImportKind, Rights},
    },
    storage::imports::books::{KnownSku, KnownStore},
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What rows are checked against.
pub(super) struct Known {
    pub rights: Rights,
    /// `None`: the whole chain.
    pub regions: Option<HashSet<String>>,
    pub stores: HashMap<String, KnownStore>,
    pub skus: HashMap<String, KnownSku>,
    pub warehouses: HashMap<String, Uuid>,
    pub zone: Tz,
    /// In the chain's zone.
    pub today: NaiveDate,
    pub now: DateTime<Utc>,
    /// When the file was handed over.
    pub made_at: DateTime<Utc>,
}

impl Known {
    fn is_in_reach(&self, region: &str) -> bool {
        self.regions.as_ref().is_none_or(|regions| regions.contains(region))
    }

    /// Of a store within reach.
    fn store(&self, code: &str) -> Option<&KnownStore> {
        self.stores.get(code).filter(|store| self.is_in_reach(&store.region))
    }

    fn sku(&self, code: &str) -> Option<SkuId> {
        self.skus.get(code).map(|sku| sku.sku_id)
    }
}

/// A checker remembers what it saw, to find rows that are there twice.
pub(super) enum Checker {
    Stores(stores::Check),
    Skus(skus::Check),
    Prices(prices::Check),
    Stock(stock::Check),
    Sales(sales::Check),
}

impl Checker {
    pub fn new(kind: ImportKind, columns: &Columns) -> Self {
        match kind {
            ImportKind::Stores => Self::Stores(stores::Check::default()),
            ImportKind::Skus => Self::Skus(skus::Check::default()),
            ImportKind::Prices => Self::Prices(prices::Check::default()),
            ImportKind::Stock => Self::Stock(stock::Check::default()),
            ImportKind::Sales => Self::Sales(sales::Check::new(columns)),
        }
    }

    pub fn row(&mut self, row: &mut Row<'_>, known: &Known) {
        match self {
            Self::Stores(check) => check.row(row, known),
            Self::Skus(check) => check.row(row, known),
            Self::Prices(check) => check.row(row, known),
            Self::Stock(check) => check.row(row, known),
            Self::Sales(check) => check.row(row, known),
        }
    }

    pub fn finish(self) -> (Records, Outcome) {
        match self {
            Self::Stores(check) => (Records::Stores(check.rows), check.outcome),
            Self::Skus(check) => (Records::Skus(check.rows), check.outcome),
            Self::Prices(check) => (Records::Prices(check.rows), check.outcome),
            // What these do to the books is asked of the books.
            Self::Stock(check) => (Records::Stock(check.rows), Outcome::default()),
            Self::Sales(check) => (check.finish(), Outcome::default()),
        }
    }
}

/// A row's number as the books have it; there are at most half a million.
fn number(row: &Row<'_>) -> i32 {
    i32::try_from(row.number).unwrap_or(i32::MAX)
}
