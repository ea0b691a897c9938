//! What the score of one pair needs to know of all others: who sells how much of a SKU, and how many stores list it.

use crate::{
    domain::{
        ids::{SkuId, StoreId},
        need::Need,
        score::{Score, ScoreInput, ScoreWeights},
    },
    storage::{
        need::SALES_DAYS,
        need_rows::{NeedRow, Shelf, Sold},
    },
};
use std::collections::HashMap;

/// Sales of the chain, held while a run goes on: some 60 bytes a pair that sold anything.
pub(super) struct Chain {
    sold: HashMap<(SkuId, StoreId), Sold>,
    skus: HashMap<SkuId, Sellers>,
}

#[derive(Default)]
struct Sellers {
    listed_stores: i64,
    /// Average daily sales of the stores that sell any, lowest first.
    ads_milli: Vec<i64>,
}

impl Chain {
    pub(super) fn new(sold: Vec<Sold>, listed_stores: Vec<(SkuId, i64)>) -> Self {
        let mut skus: HashMap<SkuId, Sellers> = listed_stores
            .into_iter()
            .map(|(sku, listed_stores)| (sku, Sellers { listed_stores, ads_milli: Vec::new() }))
            .collect();
        for sale in &sold {
            let ads_milli = Need::ads_milli(sale.units, i64::from(SALES_DAYS), sale.stockout_days);
            if ads_milli > 0 {
                skus.entry(sale.sku_id).or_default().ads_milli.push(ads_milli);
            }
        }
        for sellers in skus.values_mut() {
            sellers.ads_milli.sort_unstable();
        }
        Self { sold: sold.into_iter().map(|sale| ((sale.sku_id, sale.store_id), sale)).collect(), skus }
    }

    /// Debt and points are zero until there is a ledger of them.
    pub(super) fn row(&self, shelf: &Shelf) -> NeedRow {
        let sold = self.sold.get(&(shelf.sku_id, shelf.store_id));
        let need = Need::of(&shelf.input(sold.map_or(0, |s| s.units), sold.map_or(0, |s| s.stockout_days)));
        let sellers = self.skus.get(&shelf.sku_id);
        let input = ScoreInput {
            need,
            stores_with_lower_ads: sellers.map_or(0, |sellers| sellers.below(need.ads_milli)),
            invited_stores: sellers.map_or(1, |sellers| sellers.listed_stores),
            chain_fill_bp: 0,
            store_fill_bp: 0,
            points: 0,
        };
        let score = Score::of(&input, &ScoreWeights::default());
        NeedRow { store_id: shelf.store_id, sku_id: shelf.sku_id, need, score }
    }
}

impl Sellers {
    /// Listed stores that sell less; those that sell nothing have no entry.
    fn below(&self, ads_milli: i64) -> i64 {
        if ads_milli <= 0 {
            return 0;
        }
        let selling_less = self.ads_milli.partition_point(|other| *other < ads_milli);
        // A listing may go while the chain is read: never below zero.
        let not_selling = self.listed_stores.saturating_sub_unsigned(self.ads_milli.len() as u64).max(0);
        not_selling.saturating_add_unsigned(selling_less as u64)
    }
}
