//! The chain, its stores and its goods as people read them.

use super::{At, Result, area::in_area};
use crate::domain::ids::{PoolId, SkuId, StoreId, UserId, WarehouseId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Chain {
    pub name: String,
    /// ISO 4217; all cents are in it.
    pub currency: String,
    pub time_zone: String,
    /// Screens say so while it is true.
    pub labelled_demo: bool,
}

pub async fn chain(db: &mut PgConnection) -> Result<Option<Chain>> {
    sqlx::query_as("select name, currency, time_zone, labelled_demo from chain").fetch_optional(db).await
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Store {
    pub store_id: StoreId,
    pub code: String,
    pub name: String,
    pub region: String,
    pub lat: Option<f64>,
    pub lng: Option<f64>,
    #[schema(value_type = String)]
    pub pool_id: PoolId,
    pub credit_limit_cents: i64,
    pub dock_units_per_day: i64,
    /// May not win before that time.
    pub suspended_until: Option<At>,
    pub active: bool,
}

macro_rules! select_stores {
    ($($rest:expr),+) => {
        concat!(
            "select id as store_id, code, name, region, lat, lng, pool_id, credit_limit_cents, dock_units_per_day,
                    suspended_until, active
               from stores
              where ",
            $($rest),+
        )
    };
}

/// By code; one more than `limit`. The text is looked for in code and name as it stands.
/// `area_of`: only those in the regions of this user, if they have any.
pub async fn stores(
    db: &mut PgConnection,
    text: Option<&str>,
    area_of: Option<UserId>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Store>> {
    sqlx::query_as(select_stores!(
        "($1::text is null or position(lower($1) in lower(code || ' ' || name || ' ' || region)) > 0)
          and ($2::text is null or code > $2)
          and ",
        in_area!("region", "$4"),
        " order by code
        limit $3 + 1"
    ))
    .bind(text)
    .bind(after)
    .bind(limit)
    .bind(area_of)
    .fetch_all(db)
    .await
}

pub async fn store(db: &mut PgConnection, store_id: StoreId, area_of: Option<UserId>) -> Result<Option<Store>> {
    sqlx::query_as(select_stores!("id = $1 and ", in_area!("region", "$2")))
        .bind(store_id)
        .bind(area_of)
        .fetch_optional(db)
        .await
}

/// What headquarters change of a store; `None` leaves a field as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreEdit {
    pub suspended_until: Option<Option<DateTime<Utc>>>,
    pub credit_limit_cents: Option<i64>,
    pub dock_units_per_day: Option<i64>,
}

/// `None` when there is no such store. A store never changes its pool.
pub async fn pool_of_store(db: &mut PgConnection, store_id: StoreId) -> Result<Option<PoolId>> {
    sqlx::query_scalar("select pool_id from stores where id = $1").bind(store_id).fetch_optional(db).await
}

/// Changes the store.
pub async fn edit_store(tx: &mut PgConnection, store_id: StoreId, edit: StoreEdit) -> Result<()> {
    sqlx::query(
        "update stores
            set suspended_until    = case when $2 then $3 else suspended_until end,
                credit_limit_cents = coalesce($4, credit_limit_cents),
                dock_units_per_day = coalesce($5, dock_units_per_day)
          where id = $1",
    )
    .bind(store_id)
    .bind(edit.suspended_until.is_some())
    .bind(edit.suspended_until.flatten())
    .bind(edit.credit_limit_cents)
    .bind(edit.dock_units_per_day)
    .execute(tx)
    .await
    .map(|_| ())
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Sku {
    pub sku_id: SkuId,
    pub code: String,
    pub name: String,
    pub category: String,
    pub brand: String,
    pub case_pack: i64,
    pub inner_pack: Option<i64>,
    pub broken_case_ok: bool,
    /// List price of one unit.
    pub price_cents: i64,
    pub barcode: String,
}

/// By code; one more than `limit`.
pub async fn skus(db: &mut PgConnection, text: Option<&str>, after: Option<&str>, limit: i64) -> Result<Vec<Sku>> {
    sqlx::query_as(
        "select id as sku_id, code, name, category, brand, case_pack, inner_pack, broken_case_ok, price_cents, barcode
           from skus
          where ($1::text is null or position(lower($1) in lower(code || ' ' || name || ' ' || barcode)) > 0)
            and ($2::text is null or code > $2)
          order by code
          limit $3 + 1",
    )
    .bind(text)
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Warehouse {
    pub warehouse_id: WarehouseId,
    pub code: String,
    pub name: String,
}

pub async fn warehouses(db: &mut PgConnection) -> Result<Vec<Warehouse>> {
    sqlx::query_as("select id as warehouse_id, code, name from warehouses order by code").fetch_all(db).await
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct StockItem {
    #[sqlx(flatten)]
    pub sku: StockSku,
    #[sqlx(flatten)]
    pub warehouse: StockWarehouse,
    pub on_hand: i64,
    /// Promised to orders, not yet dispatched.
    pub allocated: i64,
    /// Locked for rounds, not yet won.
    pub pledged: i64,
    /// What a new round may take.
    pub available: i64,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct StockSku {
    pub sku_id: SkuId,
    #[sqlx(rename = "sku_code")]
    pub code: String,
    #[sqlx(rename = "sku_name")]
    pub name: String,
    pub category: String,
    pub case_pack: i64,
    pub price_cents: i64,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct StockWarehouse {
    pub warehouse_id: WarehouseId,
    #[sqlx(rename = "warehouse_code")]
    pub code: String,
}

/// Of the warehouses, by SKU and warehouse; one more than `limit`.
pub async fn stock(
    db: &mut PgConnection,
    warehouse_id: Option<WarehouseId>,
    text: Option<&str>,
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<StockItem>> {
    sqlx::query_as(
        "select k.id as sku_id, k.code as sku_code, k.name as sku_name, k.category, k.case_pack, k.price_cents,
                w.id as warehouse_id, w.code as warehouse_code,
                l.on_hand, l.allocated, l.pledged, l.on_hand - l.allocated - l.pledged as available
           from warehouses w
           join stock_levels l on l.site_id = w.id
           join skus k on k.id = l.sku_id
          where ($1::uuid is null or w.id = $1)
            and ($2::text is null or position(lower($2) in lower(k.code || ' ' || k.name)) > 0)
            and ($3::text is null or (k.code, w.code) > ($3, $4))
          order by k.code, w.code
          limit $5 + 1",
    )
    .bind(warehouse_id)
    .bind(text)
    .bind(after.map(|(sku, _)| sku))
    .bind(after.map(|(_, warehouse)| warehouse))
    .bind(limit)
    .fetch_all(db)
    .await
}
