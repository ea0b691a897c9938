//! What the books know already, for checking rows against it.

use super::super::Result;
use crate::domain::ids::{PoolId, SkuId, StoreId, UserId};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, FromRow)]
pub struct KnownStore {
    pub store_id: StoreId,
    pub code: String,
    pub name: String,
    pub region: String,
    pub lat: Option<f64>,
    pub lng: Option<f64>,
    pub active: bool,
    pub dock_units_per_day: i64,
    pub credit_limit_cents: i64,
}

pub async fn stores(db: &mut PgConnection) -> Result<Vec<KnownStore>> {
    sqlx::query_as(
        "select id as store_id, code, name, region, lat, lng, active, dock_units_per_day, credit_limit_cents from stores",
    )
    .fetch_all(db)
    .await
}

#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct KnownSku {
    pub sku_id: SkuId,
    pub code: String,
    pub name: String,
    pub category: String,
    pub brand: String,
    pub case_pack: i64,
    pub inner_pack: Option<i64>,
    pub broken_case_ok: bool,
    pub price_cents: i64,
    pub barcode: String,
    pub case_barcode: String,
}

pub async fn skus(db: &mut PgConnection) -> Result<Vec<KnownSku>> {
    sqlx::query_as(
        "select id as sku_id, code, name, category, brand, case_pack, inner_pack, broken_case_ok, price_cents, barcode,
                case_barcode
           from skus",
    )
    .fetch_all(db)
    .await
}

/// Id and code.
pub async fn warehouses(db: &mut PgConnection) -> Result<Vec<(Uuid, String)>> {
    sqlx::query_as("select id, code from warehouses").fetch_all(db).await
}

/// The regions that narrow what somebody may feed; none: the whole chain.
pub async fn regions_of(db: &mut PgConnection, user_id: UserId) -> Result<Vec<String>> {
    sqlx::query_scalar("select region from user_regions where user_id = $1").bind(user_id).fetch_all(db).await
}

/// The chain's zone, its day now, and the time; `None` before there is a chain.
pub async fn clock(db: &mut PgConnection) -> Result<Option<(String, NaiveDate, DateTime<Utc>)>> {
    sqlx::query_as("select time_zone, (now() at time zone time_zone)::date, now() from chain").fetch_optional(db).await
}

/// The pool of new stores.
pub async fn first_pool(db: &mut PgConnection) -> Result<Option<PoolId>> {
    sqlx::query_scalar("select id from pools order by id limit 1").fetch_optional(db).await
}
