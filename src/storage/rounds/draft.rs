//! A round before it is published: freely changed, known to headquarters only.

use crate::{
    domain::{
        ids::{LineId, PoolId, RoundId, SkuId, StoreId, UserId, WarehouseId},
        round::Policy,
    },
    storage::Result,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub struct DraftLine {
    pub sku_id: SkuId,
    pub warehouse_id: WarehouseId,
    pub pledged: i64,
    pub holdback: i64,
    pub price_cents: i64,
    pub pack: i64,
    pub min_claim: i64,
    pub cap_line: Option<i64>,
}

/// `None` is the limit of the round's policy.
pub struct DraftInvitation {
    pub store_id: StoreId,
    pub offset_ms: i64,
    pub cap_round: Option<i64>,
    pub cap_day: Option<i64>,
    pub cap_period: Option<i64>,
}

pub struct DraftHead<'a> {
    pub name: &'a str,
    pub opens_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    pub policy: Policy,
}

/// What a draft refers to and the books know: list price and case of each SKU, the warehouses, the pool's active stores.
pub struct Known {
    pub skus: HashMap<SkuId, (i64, i64)>,
    pub warehouses: HashSet<WarehouseId>,
    pub stores: Vec<StoreId>,
}

pub async fn known(tx: &mut PgConnection, pool: &PoolId, skus: &[SkuId]) -> Result<Known> {
    let ids: Vec<Uuid> = skus.iter().map(|sku| sku.0).collect();
    let skus: Vec<(SkuId, i64, i64)> = sqlx::query_as("select id, price_cents, case_pack from skus where id = any($1)")
        .bind(ids)
        .fetch_all(&mut *tx)
        .await?;
    let warehouses: Vec<WarehouseId> = sqlx::query_scalar("select id from warehouses").fetch_all(&mut *tx).await?;
    let stores = sqlx::query_scalar("select id from stores where pool_id = $1 and active order by id")
        .bind(pool)
        .fetch_all(&mut *tx)
        .await?;
    Ok(Known {
        skus: skus.into_iter().map(|(id, price_cents, case_pack)| (id, (price_cents, case_pack))).collect(),
        warehouses: warehouses.into_iter().collect(),
        stores,
    })
}

/// The next code of that chain-local day, `R20261127-01`. Takes a lock to the commit, so that two drafts never share one.
pub async fn next_code(tx: &mut PgConnection, day: NaiveDate) -> Result<String> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('rounds.code'))").execute(&mut *tx).await?;
    let prefix = day.format("R%Y%m%d-").to_string();
    let number: i32 = sqlx::query_scalar(
        "select coalesce(max(substring(code from 11)::int), 0) + 1
           from rounds
          where starts_with(code, $1)",
    )
    .bind(&prefix)
    .fetch_one(tx)
    .await?;
    Ok(format!("{prefix}{number:02}"))
}

pub async fn insert_round(
    tx: &mut PgConnection,
    id: RoundId,
    pool: &PoolId,
    code: &str,
    head: &DraftHead<'_>,
    by: UserId,
) -> Result<()> {
    sqlx::query(
        "insert into rounds (id, code, name, pool_id, state, opens_at, closes_at, policy, created_by)
         values ($1, $2, $3, $4, 'DRAFT', $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(code)
    .bind(head.name)
    .bind(pool)
    .bind(head.opens_at)
    .bind(head.closes_at)
    .bind(Json(head.policy))
    .bind(by)
    .execute(tx)
    .await?;
    Ok(())
}

/// Always touches the row, so that its version tells of every edit.
pub async fn replace_head(
    tx: &mut PgConnection,
    id: RoundId,
    code: &str,
    head: &DraftHead<'_>,
    by: UserId,
) -> Result<()> {
    sqlx::query(
        "update rounds
            set code = $2, name = $3, opens_at = $4, closes_at = $5, policy = $6, edited_by = $7
          where id = $1",
    )
    .bind(id)
    .bind(code)
    .bind(head.name)
    .bind(head.opens_at)
    .bind(head.closes_at)
    .bind(Json(head.policy))
    .bind(by)
    .execute(tx)
    .await?;
    Ok(())
}

/// Replaces the lines; their numbers follow the order given.
pub async fn replace_lines(tx: &mut PgConnection, id: RoundId, lines: &[DraftLine]) -> Result<()> {
    sqlx::query("delete from offer_lines where round_id = $1").bind(id).execute(&mut *tx).await?;
    let numbers: Vec<i32> = (1..).take(lines.len()).collect();
    sqlx::query(
        "insert into offer_lines (round_id, id, line_no, sku_id, warehouse_id, pledged, holdback, price_cents, pack,
                                  min_claim, cap_line)
         select $1, *
           from unnest($2::uuid[], $3::int[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[],
                       $9::bigint[], $10::bigint[], $11::bigint[])",
    )
    .bind(id)
    .bind(lines.iter().map(|_| LineId::new().0).collect::<Vec<_>>())
    .bind(numbers)
    .bind(lines.iter().map(|line| line.sku_id.0).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.warehouse_id.0).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.pledged).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.holdback).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.price_cents).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.pack).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.min_claim).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.cap_line).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Replaces the invitations. Dock and credit are the stores' own of this moment; publishing reads them again.
pub async fn replace_invitations(tx: &mut PgConnection, id: RoundId, invited: &[DraftInvitation]) -> Result<()> {
    sqlx::query("delete from invitations where round_id = $1").bind(id).execute(&mut *tx).await?;
    sqlx::query(
        "insert into invitations (round_id, store_id, offset_ms, cap_round, cap_day, cap_period, dock_units,
                                  credit_limit_cents)
         select $1, i.store_id, i.offset_ms, i.cap_round, i.cap_day, i.cap_period, s.dock_units_per_day,
                s.credit_limit_cents
           from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
             as i (store_id, offset_ms, cap_round, cap_day, cap_period)
           join stores s on s.id = i.store_id",
    )
    .bind(id)
    .bind(invited.iter().map(|store| store.store_id.0).collect::<Vec<_>>())
    .bind(invited.iter().map(|store| store.offset_ms).collect::<Vec<_>>())
    .bind(invited.iter().map(|store| store.cap_round).collect::<Vec<_>>())
    .bind(invited.iter().map(|store| store.cap_day).collect::<Vec<_>>())
    .bind(invited.iter().map(|store| store.cap_period).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
