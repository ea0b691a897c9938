//! What the good rows of a file came to.

use crate::storage::imports::{
    counted::CountRow, prices::PriceRow, sales_lines::LineRow, sales_totals::TotalRow, skus::SkuRow, stores::StoreRow,
};

/// Rows that would change nothing are counted and not kept, where the pure check can tell.
#[derive(Debug)]
pub(super) enum Records {
    Stores(Vec<StoreRow>),
    Skus(Vec<SkuRow>),
    Prices(Vec<PriceRow>),
    Stock(Vec<CountRow>),
    SalesLines(Vec<LineRow>),
    SalesTotals(Vec<TotalRow>),
}

/// What a take-over would do, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub new: i64,
    pub changed: i64,
    pub unchanged: i64,
}
