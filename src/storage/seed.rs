//! Planting a chain: everything a round needs, in one transaction, into an empty database.

use super::{
    Result, pools,
    stock::{self, Bucket, Document, Movement},
};
use crate::domain::{
    ids::{PoolId, SkuId, StoreId, UserId, WarehouseId},
    order::MovementKind,
    role::Role,
};
use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

pub struct ChainSeed<'a> {
    pub name: &'a str,
    pub currency: &'a str,
    pub time_zone: &'a str,
    pub labelled_demo: bool,
}

pub struct StoreSeed<'a> {
    pub id: StoreId,
    pub code: &'a str,
    pub name: &'a str,
    pub region: &'a str,
    pub lat: Option<f64>,
    pub lng: Option<f64>,
    pub credit_limit_cents: i64,
    pub dock_units_per_day: i64,
}

pub struct SkuSeed<'a> {
    pub id: SkuId,
    pub code: &'a str,
    pub name: &'a str,
    pub category: &'a str,
    pub brand: &'a str,
    pub case_pack: i64,
    pub inner_pack: Option<i64>,
    pub broken_case_ok: bool,
    pub price_cents: i64,
    pub barcode: &'a str,
}

/// A SKU that a store carries, with its (derived) shelf policy and opening stock.
pub struct ListingSeed {
    pub store_id: StoreId,
    pub sku_id: SkuId,
    pub max_units: i64,
    pub presentation_units: i64,
    pub safety_days: i64,
    pub lead_days: i64,
    pub review_days: i64,
    pub on_hand_units: i64,
}

pub struct SaleSeed {
    pub store_id: StoreId,
    pub sku_id: SkuId,
    pub day: NaiveDate,
    pub units: i64,
}

pub struct UserSeed<'a> {
    pub id: UserId,
    pub login: &'a str,
    pub password_hash: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub store_id: Option<StoreId>,
}

/// Whether a chain was planted here before.
pub async fn is_planted(db: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("select exists (select from chain)").fetch_one(db).await
}

pub async fn chain(tx: &mut PgConnection, chain: &ChainSeed<'_>, pool: &PoolId) -> Result<()> {
    sqlx::query("insert into chain (name, currency, time_zone, labelled_demo) values ($1, $2, $3, $4)")
        .bind(chain.name)
        .bind(chain.currency)
        .bind(chain.time_zone)
        .bind(chain.labelled_demo)
        .execute(&mut *tx)
        .await?;
    pools::make(tx, pool).await
}

pub async fn warehouses(tx: &mut PgConnection, rows: &[(WarehouseId, &str, &str)]) -> Result<()> {
    sqlx::query("insert into warehouses (id, code, name) select * from unnest($1::uuid[], $2::text[], $3::text[])")
        .bind(rows.iter().map(|row| row.0.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.1).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.2).collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}

pub async fn stores(tx: &mut PgConnection, pool: &PoolId, rows: &[StoreSeed<'_>]) -> Result<()> {
    sqlx::query(
        "insert into stores (pool_id, id, code, name, region, lat, lng, credit_limit_cents, dock_units_per_day)
         select $1, * from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[], $8::bigint[], $9::bigint[])",
    )
    .bind(pool)
    .bind(rows.iter().map(|row| row.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.code).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.name).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.region).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.lat).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.lng).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.credit_limit_cents).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.dock_units_per_day).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn skus(tx: &mut PgConnection, rows: &[SkuSeed<'_>]) -> Result<()> {
    sqlx::query(
        "insert into skus (id, code, name, category, brand, case_pack, inner_pack, broken_case_ok, price_cents, barcode)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bool[], $9::bigint[], $10::text[])",
    )
    .bind(rows.iter().map(|row| row.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.code).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.name).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.category).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.brand).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.case_pack).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.inner_pack).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.broken_case_ok).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.price_cents).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.barcode).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Listings, their derived policies, and opening stock with its movements.
pub async fn listings(tx: &mut PgConnection, rows: &[ListingSeed]) -> Result<()> {
    let stores = rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>();
    let skus = rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>();
    sqlx::query("insert into listings (store_id, sku_id) select * from unnest($1::uuid[], $2::uuid[])")
        .bind(&stores)
        .bind(&skus)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into stock_policies (derived, store_id, sku_id, max_units, presentation_units, safety_days, lead_days, review_days)
         select true, * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])",
    )
    .bind(&stores)
    .bind(&skus)
    .bind(rows.iter().map(|row| row.max_units).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.presentation_units).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.safety_days).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.lead_days).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.review_days).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    let stock: Vec<_> = rows.iter().map(|row| (row.store_id.0, row.sku_id, row.on_hand_units)).collect();
    opening_stock(tx, &stock).await
}

/// Units on hand as counted (or derived) when the books begin; sites without any get no movement.
pub async fn opening_stock(tx: &mut PgConnection, rows: &[(Uuid, SkuId, i64)]) -> Result<()> {
    let movements: Vec<_> = rows
        .iter()
        .filter(|(_, _, units)| *units != 0)
        .map(|&(site_id, sku_id, delta)| Movement {
            site_id,
            sku_id,
            bucket: Bucket::OnHand,
            delta,
            kind: MovementKind::CountGain,
            document: Document::Opening,
            by_user: None,
        })
        .collect();
    stock::book(tx, &movements).await
}

pub async fn sales(tx: &mut PgConnection, rows: &[SaleSeed]) -> Result<()> {
    sqlx::query(
        "insert into sales_days (store_id, sku_id, day, units)
         select * from unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[])",
    )
    .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.day).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.units).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds users, or gives those who exist the new password.
pub async fn users(tx: &mut PgConnection, rows: &[UserSeed<'_>]) -> Result<()> {
    sqlx::query(
        "with people as (
             insert into users (id, login, password_hash, name, role, store_id)
             select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[])
             on conflict (login) do update set password_hash = excluded.password_hash, must_change_password = false
             returning id, store_id
         )
         insert into user_stores (user_id, store_id)
         select id, store_id
           from people
          where store_id is not null
         on conflict do nothing",
    )
    .bind(rows.iter().map(|row| row.id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.login).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.password_hash).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.name).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.role.name()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.store_id.map(|id| id.0)).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets this transaction run for up to a minute.
pub async fn take_time(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("set local statement_timeout = '60s'").execute(tx).await?;
    Ok(())
}

/// Every store, the one that carries most SKUs first: id, code, name.
pub async fn store_codes(db: &mut PgConnection) -> Result<Vec<(StoreId, String, String)>> {
    sqlx::query_as(
        "select s.id, s.code, s.name
           from stores s
           left join listings l on l.store_id = s.id
          group by s.id
          order by count(l.sku_id) desc, s.code",
    )
    .fetch_all(db)
    .await
}

/// Some users of a role, at most so many.
pub async fn users_of(db: &mut PgConnection, role: Role, limit: i64) -> Result<Vec<UserId>> {
    sqlx::query_scalar("select id from users where role = $1 and status = 'active' order by login limit $2")
        .bind(role.name())
        .bind(limit)
        .fetch_all(db)
        .await
}
