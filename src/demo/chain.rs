//! The demo chain, ready to be written: the extract, and what `rules` derives from it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    extract::{self, ExtractError, SaleRow, SkuRow, StoreRow},
    region::{Place, Regions},
    rules::{self, ShelfPolicy},
};
use crate::domain::need::NeedInput;

#[derive(Debug, Clone, PartialEq)]
pub struct DemoChain {
    pub warehouses: Vec<DemoWarehouse>,
    pub stores: Vec<DemoStore>,
    pub skus: Vec<DemoSku>,
    /// One for every article that a store sold in the window.
    pub listings: Vec<DemoListing>,
    pub sales: Vec<DemoSale>,
    pub warehouse_stock: Vec<DemoWarehouseStock>,
    /// The last day with sales: every need is as of this day.
    pub as_of: NaiveDate,
}

/// Derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoWarehouse {
    pub code: &'static str,
    pub name: &'static str,
}

/// Real, but for region, credit and dock.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoStore {
    pub code: String,
    pub name: String,
    pub city: String,
    pub lat: Option<f64>,
    pub lng: Option<f64>,
    pub region: String,
    pub credit_limit_cents: i64,
    pub dock_units_per_day: i64,
}

/// Real. Dollars are read as yuan, figure for figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSku {
    pub code: String,
    /// With the volume, since one name comes in several sizes.
    pub name: String,
    pub category: String,
    /// The publisher's vendor.
    pub brand: String,
    pub volume_ml: i64,
    pub case_pack: i64,
    pub inner_pack: Option<i64>,
    /// Derived: the demo's warehouses ship whole cases only.
    pub broken_case_ok: bool,
    pub price_cents: i64,
    pub barcode: String,
}

/// Real sales, derived policy and opening stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoListing {
    pub store_code: String,
    pub sku: String,
    pub sales_28d_units: i64,
    pub policy: ShelfPolicy,
    pub on_hand_units: i64,
}

impl DemoListing {
    pub fn need_input(&self) -> NeedInput {
        rules::need_input(self.sales_28d_units, &self.policy, self.on_hand_units)
    }
}

/// Real.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSale {
    pub store_code: String,
    pub sku: String,
    pub day: NaiveDate,
    pub units: i64,
}

/// Derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoWarehouseStock {
    pub warehouse_code: &'static str,
    pub sku: String,
    pub on_hand_units: i64,
}

impl DemoChain {
    pub fn load() -> Result<Self, ExtractError> {
        let (stores, skus, sales) = (extract::stores()?, extract::skus()?, extract::sales()?);
        let totals = Totals::of(&stores, &skus, &sales)?;
        Ok(Self {
            warehouses: warehouses(),
            stores: self::stores(&stores, &totals)?,
            listings: listings(&skus, &totals),
            warehouse_stock: warehouse_stock(&skus, &totals),
            skus: skus.into_iter().map(sku).collect(),
            as_of: sales.iter().map(|sale| sale.day).max().ok_or(ExtractError::NoSales)?,
            sales: sales.into_iter().map(sale).collect(),
        })
    }
}

/// The real figures that the rules are given.
#[derive(Default)]
struct Totals<'a> {
    by_listing: BTreeMap<(&'a str, &'a str), i64>,
    by_sku: BTreeMap<&'a str, i64>,
    value_cents_by_store: BTreeMap<&'a str, i64>,
    busiest_day_units_by_store: BTreeMap<&'a str, i64>,
}

impl<'a> Totals<'a> {
    fn of(stores: &[StoreRow], skus: &[SkuRow], sales: &'a [SaleRow]) -> Result<Self, ExtractError> {
        let stores: BTreeSet<&str> = stores.iter().map(|store| store.code.as_str()).collect();
        let prices: BTreeMap<&str, i64> = skus.iter().map(|sku| (sku.sku.as_str(), sku.unit_price_cents)).collect();
        let mut totals = Self::default();
        let mut days: BTreeMap<(&str, NaiveDate), i64> = BTreeMap::new();
        for sale in sales {
            let (store, sku) = (sale.store_code.as_str(), sale.sku.as_str());
            if !stores.contains(store) {
                return Err(unknown("store", store));
            }
            let price_cents = prices.get(sku).ok_or_else(|| unknown("article", sku))?;
            *totals.by_listing.entry((store, sku)).or_default() += sale.quantity;
            *totals.by_sku.entry(sku).or_default() += sale.quantity;
            *totals.value_cents_by_store.entry(store).or_default() += sale.quantity * price_cents;
            *days.entry((store, sale.day)).or_default() += sale.quantity;
        }
        for ((store, _), units) in days {
            let busiest = totals.busiest_day_units_by_store.entry(store).or_default();
            *busiest = units.max(*busiest);
        }
        Ok(totals)
    }
}

fn unknown(what: &'static str, code: &str) -> ExtractError {
    ExtractError::Unknown { what, code: code.to_owned() }
}

fn warehouses() -> Vec<DemoWarehouse> {
    let main = DemoWarehouse { code: rules::MAIN_WAREHOUSE_CODE, name: rules::MAIN_WAREHOUSE_NAME };
    let second = DemoWarehouse { code: rules::SECOND_WAREHOUSE_CODE, name: rules::SECOND_WAREHOUSE_NAME };
    vec![main, second]
}

fn stores(rows: &[StoreRow], totals: &Totals<'_>) -> Result<Vec<DemoStore>, ExtractError> {
    let places = rows.iter().map(degrees).collect::<Result<Vec<_>, _>>()?;
    let located = || rows.iter().zip(&places);
    let regions = Regions::of(located().map(|(row, at)| (row.city.as_str(), at.map(place))));
    let store = |(row, at): (&StoreRow, &Option<Degrees>)| {
        let of_store = |figures: &BTreeMap<&str, i64>| figures.get(row.code.as_str()).copied().unwrap_or(0);
        DemoStore {
            code: row.code.clone(),
            name: row.name.clone(),
            city: row.city.clone(),
            lat: at.map(|at| at.lat),
            lng: at.map(|at| at.lng),
            region: regions.region(&row.city, at.map(place)),
            credit_limit_cents: rules::credit_limit_cents(of_store(&totals.value_cents_by_store)),
            dock_units_per_day: rules::dock_units_per_day(of_store(&totals.busiest_day_units_by_store)),
        }
    };
    Ok(located().map(store).collect())
}

#[derive(Clone, Copy)]
struct Degrees {
    lat: f64,
    lng: f64,
}

fn degrees(row: &StoreRow) -> Result<Option<Degrees>, ExtractError> {
    if row.lat.is_empty() || row.lng.is_empty() {
        return Ok(None);
    }
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|degrees| degrees.abs() <= 180.0)
            .ok_or_else(|| ExtractError::Coordinate { file: "stores.csv", value: text.to_owned() })
    };
    Ok(Some(Degrees { lat: number(&row.lat)?, lng: number(&row.lng)? }))
}

#[expect(clippy::cast_possible_truncation, reason = "at most 180 million")]
fn place(at: Degrees) -> Place {
    Place { lat_micro: (at.lat * 1e6).round() as i64, lng_micro: (at.lng * 1e6).round() as i64 }
}

fn sku(row: SkuRow) -> DemoSku {
    DemoSku {
        name: format!("{} {} ml", row.name, row.volume_ml),
        code: row.sku,
        category: row.category,
        brand: row.vendor,
        volume_ml: row.volume_ml,
        case_pack: row.case_pack,
        inner_pack: row.inner_pack,
        broken_case_ok: false,
        price_cents: row.unit_price_cents,
        barcode: row.barcode,
    }
}

fn sale(row: SaleRow) -> DemoSale {
    DemoSale { store_code: row.store_code, sku: row.sku, day: row.day, units: row.quantity }
}

/// A store lists what it sold: more than it brought back.
fn listings(skus: &[SkuRow], totals: &Totals<'_>) -> Vec<DemoListing> {
    let packs: BTreeMap<&str, &SkuRow> = skus.iter().map(|row| (row.sku.as_str(), row)).collect();
    let sold = totals.by_listing.iter().filter(|(_, units)| **units > 0);
    sold.filter_map(|((store_code, sku), units)| {
        let row = packs.get(sku)?;
        let policy = rules::shelf_policy(*units, row.case_pack, row.inner_pack);
        Some(DemoListing {
            store_code: (*store_code).to_owned(),
            sku: (*sku).to_owned(),
            sales_28d_units: *units,
            policy,
            on_hand_units: rules::opening_stock_units(store_code, sku, *units, row.case_pack, &policy),
        })
    })
    .collect()
}

fn warehouse_stock(skus: &[SkuRow], totals: &Totals<'_>) -> Vec<DemoWarehouseStock> {
    let of_sku = |row: &SkuRow| {
        let sales_units = totals.by_sku.get(row.sku.as_str()).copied().unwrap_or(0);
        let main = rules::main_warehouse_units(sales_units, row.case_pack);
        let second = rules::second_warehouse_units(&row.sku, sales_units, row.case_pack);
        let held = [(rules::MAIN_WAREHOUSE_CODE, Some(main)), (rules::SECOND_WAREHOUSE_CODE, second)];
        let sku = row.sku.clone();
        held.into_iter().filter_map(move |(warehouse_code, units)| {
            let sku = sku.clone();
            units.map(|on_hand_units| DemoWarehouseStock { warehouse_code, sku, on_hand_units })
        })
    };
    skus.iter().flat_map(of_sku).collect()
}

#[cfg(test)]
mod tests;
