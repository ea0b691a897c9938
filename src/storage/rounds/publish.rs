//! What publishing reads and freezes.

use crate::{
    domain::ids::{LineId, RoundId, SkuId, StoreId, UserId, WarehouseId},
    storage::Result,
};
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What a store needs of a line and may take of it.
pub struct InvitationLine {
    pub store_id: StoreId,
    pub listed: bool,
    pub net: i64,
    pub target: i64,
    pub need: i64,
    pub ads_milli: i64,
    pub gate: Option<i64>,
    pub need_cap: i64,
}

pub async fn chain_time_zone(tx: &mut PgConnection) -> Result<String> {
    sqlx::query_scalar("select time_zone from chain").fetch_one(tx).await
}

/// Units that are neither allocated nor pledged, held to the commit in the order of site and SKU. A pair without stock is absent.
pub async fn available_for_update(
    tx: &mut PgConnection,
    pairs: &[(WarehouseId, SkuId)],
) -> Result<HashMap<(WarehouseId, SkuId), i64>> {
    let (sites, skus): (Vec<Uuid>, Vec<Uuid>) = pairs.iter().map(|(site, sku)| (site.0, sku.0)).unzip();
    let rows: Vec<(WarehouseId, SkuId, i64)> = sqlx::query_as(
        "select l.site_id, l.sku_id, l.on_hand - l.allocated - l.pledged
           from stock_levels l
           join unnest($1::uuid[], $2::uuid[]) as s (site_id, sku_id) using (site_id, sku_id)
          order by l.site_id, l.sku_id
            for update of l",
    )
    .bind(sites)
    .bind(skus)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|(site, sku, units)| ((site, sku), units)).collect())
}

pub struct Frozen<'a> {
    pub policy_hash: &'a str,
    pub day: NaiveDate,
    pub period: NaiveDate,
    pub dock_day: NaiveDate,
    pub cap_round: Option<i64>,
    pub cap_day: Option<i64>,
    pub cap_period: Option<i64>,
    /// Who published it, or asked to.
    pub published_by: UserId,
    /// The second person of a hot round.
    pub approved_by: Option<UserId>,
}

/// Fixes the round's dates and rules, and every store's limits as they stand now.
pub async fn freeze(tx: &mut PgConnection, id: RoundId, frozen: &Frozen<'_>) -> Result<()> {
    sqlx::query(
        "update rounds
            set state = 'SCHEDULED', policy_hash = $2, day = $3, period = $4, dock_day = $5, published_at = now(),
                published_by = $6, approved_by = $7
          where id = $1",
    )
    .bind(id)
    .bind(frozen.policy_hash)
    .bind(frozen.day)
    .bind(frozen.period)
    .bind(frozen.dock_day)
    .bind(frozen.published_by)
    .bind(frozen.approved_by)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update invitations i
            set cap_round          = coalesce(i.cap_round, $2),
                cap_day            = coalesce(i.cap_day, $3),
                cap_period         = coalesce(i.cap_period, $4),
                dock_units         = s.dock_units_per_day,
                credit_limit_cents = s.credit_limit_cents
           from stores s
          where i.round_id = $1
            and s.id = i.store_id",
    )
    .bind(id)
    .bind(frozen.cap_round)
    .bind(frozen.cap_day)
    .bind(frozen.cap_period)
    .execute(&mut *tx)
    .await?;
    sqlx::query("insert into round_totals (round_id) values ($1) on conflict do nothing").bind(id).execute(tx).await?;
    Ok(())
}

pub async fn insert_invitation_lines(
    tx: &mut PgConnection,
    round: RoundId,
    line: LineId,
    stores: &[InvitationLine],
) -> Result<()> {
    sqlx::query(
        "insert into invitation_lines (line_id, round_id, store_id, listed, net, target, need, ads_milli, gate, need_cap)
         select $1, $2, *
           from unnest($3::uuid[], $4::boolean[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
                       $10::bigint[])",
    )
    .bind(line)
    .bind(round)
    .bind(stores.iter().map(|store| store.store_id.0).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.listed).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.net).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.target).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.need).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.ads_milli).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.gate).collect::<Vec<_>>())
    .bind(stores.iter().map(|store| store.need_cap).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}
