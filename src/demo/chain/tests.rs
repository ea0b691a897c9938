use std::collections::BTreeSet;

use super::*;
use crate::domain::{
    need::Need,
    pack::{Pack, Rounding, Shelf},
};

fn chain() -> DemoChain {
    DemoChain::load().unwrap()
}

/// Of every listing: its need in units, the need in whole packs, and the size of a case.
fn needs(chain: &DemoChain) -> Vec<(Need, i64, i64)> {
    let cases: BTreeMap<&str, i64> = chain.skus.iter().map(|sku| (sku.code.as_str(), sku.case_pack)).collect();
    chain
        .listings
        .iter()
        .map(|listing| {
            let need = Need::of(&listing.need_input());
            let case_units = cases[listing.sku.as_str()];
            let pack = Pack { case_units, inner_units: None, broken_case_ok: false };
            let shelf = Shelf { net_units: need.net_units, max_units: listing.policy.max_units };
            (need, pack.round(need.need_units, Rounding::UpToMax, shelf), case_units)
        })
        .collect()
}

fn percent(part: usize, whole: usize) -> usize {
    part * 100 / whole
}

#[test]
fn the_chain_has_three_hundred_stores_and_what_they_sold() {
    let chain = chain();
    assert_eq!(chain.stores.len(), 300);
    assert_eq!(chain.skus.len(), 160);
    assert_eq!(chain.sales.len(), 18_352);
    assert_eq!(chain.listings.len(), 12_031);
    assert_eq!(chain.warehouses.len(), 2);
    assert_eq!(chain.as_of.to_string(), "2022-09-30");
}

#[test]
fn every_code_is_unique_and_every_reference_resolves() {
    let chain = chain();
    let stores: BTreeSet<&str> = chain.stores.iter().map(|store| store.code.as_str()).collect();
    let skus: BTreeSet<&str> = chain.skus.iter().map(|sku| sku.code.as_str()).collect();
    let warehouses: BTreeSet<&str> = chain.warehouses.iter().map(|warehouse| warehouse.code).collect();
    assert_eq!((stores.len(), skus.len()), (chain.stores.len(), chain.skus.len()));

    let pairs: BTreeSet<(&str, &str)> =
        chain.listings.iter().map(|listing| (listing.store_code.as_str(), listing.sku.as_str())).collect();
    assert_eq!(pairs.len(), chain.listings.len());
    assert!(pairs.iter().all(|(store, sku)| stores.contains(store) && skus.contains(sku)));

    let mut days = BTreeSet::new();
    for sale in &chain.sales {
        let (store, sku) = (sale.store_code.as_str(), sale.sku.as_str());
        assert!(stores.contains(store) && skus.contains(sku));
        assert!(sale.units != 0);
        assert!(days.insert((store, sku, sale.day)), "{sale:?} is told twice");
    }
    for stock in &chain.warehouse_stock {
        assert!(warehouses.contains(stock.warehouse_code) && skus.contains(stock.sku.as_str()));
    }
}

#[test]
fn all_sales_lie_in_the_window_and_add_up_to_the_listings() {
    let chain = chain();
    let first = chain.as_of - chrono::Days::new(27);
    assert!(chain.sales.iter().all(|sale| (first..=chain.as_of).contains(&sale.day)));
    let sold: i64 = chain.sales.iter().map(|sale| sale.units).sum();
    let listed: i64 = chain.listings.iter().map(|listing| listing.sales_28d_units).sum();
    assert_eq!(sold, listed);
}

#[test]
fn about_half_of_the_listings_need_a_case_and_some_are_full() {
    let needs = needs(&chain());
    let count = |holds: &dyn Fn(&(Need, i64, i64)) -> bool| {
        percent(needs.iter().filter(|need| holds(need)).count(), needs.len())
    };
    let whole_case = count(&|(need, _, case_units)| need.need_units >= *case_units);
    let claimable = count(&|(_, units, _)| *units > 0);
    let none = count(&|(need, _, _)| need.need_units == 0);
    assert!((40..=75).contains(&whole_case), "need of a whole case: {whole_case} %");
    assert!((whole_case..=75).contains(&claimable), "may claim a case: {claimable} %");
    assert!((25..=50).contains(&none), "no need: {none} %");
}

#[test]
fn a_need_in_packs_never_fills_a_shelf_beyond_its_maximum() {
    let chain = chain();
    for (listing, (need, units, case_units)) in chain.listings.iter().zip(needs(&chain)) {
        assert_eq!(units % case_units, 0);
        assert!(units == 0 || need.net_units + units <= listing.policy.max_units);
    }
}

#[test]
fn each_article_can_be_drawn_from_a_warehouse_in_whole_cases() {
    let chain = chain();
    for sku in &chain.skus {
        let held: Vec<&DemoWarehouseStock> =
            chain.warehouse_stock.iter().filter(|stock| stock.sku == sku.code).collect();
        assert_eq!(held[0].warehouse_code, rules::MAIN_WAREHOUSE_CODE);
        assert!(held.iter().all(|stock| stock.on_hand_units > 0));
        assert!(held.iter().all(|stock| stock.on_hand_units % sku.case_pack == 0));
    }
    let second = chain.warehouse_stock.len() - chain.skus.len();
    assert!((30..=80).contains(&second), "{second} articles in the second warehouse");
}

#[test]
fn articles_are_told_apart_and_packed_as_they_say() {
    let chain = chain();
    let names: BTreeSet<&str> = chain.skus.iter().map(|sku| sku.name.as_str()).collect();
    assert_eq!(names.len(), chain.skus.len());
    for sku in &chain.skus {
        assert!(sku.case_pack > 0 && sku.price_cents > 0);
        assert!(sku.inner_pack.is_none_or(|inner| inner > 0 && sku.case_pack % inner == 0));
        assert!(!sku.name.contains("  "));
    }
}

#[test]
fn every_store_has_a_region_credit_and_a_dock() {
    let chain = chain();
    let regions: BTreeSet<&str> = chain.stores.iter().map(|store| store.region.as_str()).collect();
    assert!((12..=13).contains(&regions.len()), "{regions:?}");
    for store in &chain.stores {
        assert!(store.credit_limit_cents >= 2_000_000 && store.dock_units_per_day >= 120);
        assert_eq!(store.lat.is_some(), store.lng.is_some());
    }
}

#[test]
fn the_same_extract_gives_the_same_chain() {
    assert_eq!(chain(), chain());
}
