//! The embedded extract: real stores, articles and sales, read row by row and checked.
//!
//! The files are made by `demo/extract.py`; a file that does not read here is a mistake of ours,
//! so every fault names the file and the row.

use chrono::NaiveDate;
use serde::{Deserialize, de::DeserializeOwned};

const STORES: (&str, &str) = ("stores.csv", include_str!("../../demo/stores.csv"));
const SKUS: (&str, &str) = ("skus.csv", include_str!("../../demo/skus.csv"));
const SALES: (&str, &str) = ("sales.csv", include_str!("../../demo/sales.csv"));

#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    #[error("demo/{file} does not read: {source}")]
    Row { file: &'static str, source: csv::Error },
    #[error("demo/{file}: `{value}` is no coordinate")]
    Coordinate { file: &'static str, value: String },
    #[error("demo/sales.csv names {what} `{code}`, which the extract does not hold")]
    Unknown { what: &'static str, code: String },
    #[error("demo/sales.csv is empty")]
    NoSales,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoreRow {
    pub code: String,
    pub name: String,
    pub city: String,
    /// Degrees as text; empty where the publisher has none.
    pub lat: String,
    pub lng: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SkuRow {
    pub sku: String,
    pub name: String,
    pub category: String,
    pub vendor: String,
    pub volume_ml: i64,
    pub case_pack: i64,
    pub inner_pack: Option<i64>,
    pub unit_price_cents: i64,
    pub barcode: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SaleRow {
    pub store_code: String,
    pub sku: String,
    pub day: NaiveDate,
    /// Bottles, returns netted: below zero on a day that brought back more than it took.
    pub quantity: i64,
}

pub fn stores() -> Result<Vec<StoreRow>, ExtractError> {
    rows(STORES)
}

pub fn skus() -> Result<Vec<SkuRow>, ExtractError> {
    rows(SKUS)
}

pub fn sales() -> Result<Vec<SaleRow>, ExtractError> {
    rows(SALES)
}

fn rows<Row: DeserializeOwned>((file, text): (&'static str, &'static str)) -> Result<Vec<Row>, ExtractError> {
    csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| ExtractError::Row { file, source })
}
