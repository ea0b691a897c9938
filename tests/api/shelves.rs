//! Shelves, stock and sales of a few stores in the books, and a node that computes what they need.

use super::books::Books;
use chrono::NaiveDate;
use graborder::{
    domain::{
        ids::{SkuId, StoreId},
        need::NeedInput,
    },
    needs::{Step, Worker},
};
use serde_json::{Value, json};

/// The last day with sales.
pub const AS_OF: &str = "2026-11-20";

/// A listed pair as it stands in the books.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub store: StoreId,
    pub sku: SkuId,
    pub on_hand: i64,
    pub inbound: i64,
    pub sold_units: i64,
    pub stockout_days: i64,
    pub presentation_units: i64,
    pub max_units: i64,
}

impl Pair {
    pub fn input(&self) -> NeedInput {
        NeedInput {
            on_hand: self.on_hand,
            in_transit: self.inbound,
            granted_not_shipped: 0,
            sales_units: self.sold_units,
            days: 28,
            stockout_days: self.stockout_days,
            lead_days: 2,
            review_days: 3,
            safety_days: 2,
            presentation_units: self.presentation_units,
            max_units: self.max_units,
        }
    }
}

pub async fn sku(books: &Books, code: &str) -> SkuId {
    let id = SkuId::new();
    sqlx::query(
        "insert into skus (id, code, name, category, case_pack, price_cents) values ($1, $2, $2, '零食', 12, 100)",
    )
    .bind(id)
    .bind(code)
    .execute(&books.world.db.0)
    .await
    .expect("is inserted");
    id
}

pub async fn store(books: &Books, code: &str, region: &str) -> StoreId {
    let id = StoreId::new();
    sqlx::query(
        "insert into stores (id, code, name, region, pool_id, credit_limit_cents, dock_units_per_day)
         values ($1, $2, $2, $3, 'main', 0, 0)",
    )
    .bind(id)
    .bind(code)
    .bind(region)
    .execute(&books.world.db.0)
    .await
    .expect("is inserted");
    id
}

pub async fn list(books: &Books, pair: Pair) {
    let db = &books.world.db.0;
    sqlx::query("insert into listings (store_id, sku_id) values ($1, $2)")
        .bind(pair.store)
        .bind(pair.sku)
        .execute(db)
        .await
        .expect("is listed");
    sqlx::query(
        "insert into stock_policies (store_id, sku_id, max_units, presentation_units, safety_days, lead_days, review_days)
         values ($1, $2, $3, $4, 2, 2, 3)",
    )
    .bind(pair.store)
    .bind(pair.sku)
    .bind(pair.max_units)
    .bind(pair.presentation_units)
    .execute(db)
    .await
    .expect("has a shelf");
    sqlx::query(
        "insert into stock_levels (site_id, sku_id, on_hand, inbound) values ($1, $2, $3, $4)
         on conflict (site_id, sku_id) do update set on_hand = excluded.on_hand, inbound = excluded.inbound",
    )
    .bind(pair.store)
    .bind(pair.sku)
    .bind(pair.on_hand)
    .bind(pair.inbound)
    .execute(db)
    .await
    .expect("has stock");
    // Everything is sold on the last day; the shelf was empty on the days before it.
    sqlx::query(
        "insert into sales_days (sku_id, store_id, day, units, out_of_stock)
         select $1, $2, $3::date - i, case when i = 0 then $4 else 0 end, i between 1 and $5
           from generate_series(0, 30) as i
          where i = 0 and $4 <> 0 or i between 1 and $5",
    )
    .bind(pair.sku)
    .bind(pair.store)
    .bind(AS_OF.parse::<NaiveDate>().expect("a day"))
    .bind(pair.sold_units)
    .bind(i32::try_from(pair.stockout_days).expect("few"))
    .execute(db)
    .await
    .expect("has sold");
}

/// Asks for a run as the supervisor and lets a node compute it.
pub async fn computed(books: &Books) -> Value {
    let asked = books.world.post(&books.supervisor, "/need-runs", json!({})).await;
    assert_eq!(asked.status.as_u16(), 202, "{}", asked.text);
    let id = asked.json()["need_run_id"].as_str().expect("an id").to_owned();
    let step = Worker::new(books.world.db.clone(), None).step().await.expect("computes");
    assert!(matches!(step, Step::Done(done) if done.to_string() == id), "{step:?}");
    books.world.get(&books.supervisor, &format!("/need-runs/{id}")).await.ok()
}

/// Three stores of two regions and two SKUs: six pairs, all in need but one.
pub async fn small_chain(books: &Books) -> [StoreId; 3] {
    let far = store(books, "S003", "华北").await;
    let stores = [books.store, books.other_store, far];
    for (i, store) in stores.into_iter().enumerate() {
        for (k, sku) in books.skus.into_iter().enumerate() {
            let (i, k) = (i as i64, k as i64);
            let pair = Pair {
                store,
                sku,
                on_hand: 3 * i + if i + k == 3 { 100 } else { 0 },
                inbound: 0,
                sold_units: 10 * i + 28 * k,
                stockout_days: 0,
                presentation_units: 12 + k,
                max_units: 60,
            };
            list(books, pair).await;
        }
    }
    stores
}
