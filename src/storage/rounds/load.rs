//! What a round is loaded into Redis from. Read in one snapshot, so that the parts agree.

use crate::{
    domain::{
        clock::UnixMs,
        ids::{ClaimId, LineId, PoolId, RoundId, StoreId},
    },
    storage::Result,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Begins the snapshot: nothing that commits from here on is seen.
pub async fn begin_snapshot(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("set transaction isolation level repeatable read, read only").execute(tx).await?;
    Ok(())
}

/// The newest outbox row that changes counters in Redis; 0 before the first.
pub async fn newest_effect(tx: &mut PgConnection, pool: &PoolId) -> Result<i64> {
    sqlx::query_scalar("select coalesce(max(number), 0) from outbox where pool_id = $1 and effect is not null")
        .bind(pool)
        .fetch_one(tx)
        .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InvitedRow {
    pub store_id: StoreId,
    pub offset_ms: i64,
    pub cap_round: Option<i64>,
    pub cap_day: Option<i64>,
    pub cap_period: Option<i64>,
    pub dock_units: i64,
    pub credit_limit_cents: i64,
    pub suspended_until: Option<DateTime<Utc>>,
}

pub async fn invited(tx: &mut PgConnection, round: RoundId) -> Result<Vec<InvitedRow>> {
    sqlx::query_as(
        "select i.store_id, i.offset_ms, i.cap_round, i.cap_day, i.cap_period, i.dock_units, i.credit_limit_cents,
                s.suspended_until
           from invitations i
           join stores s on s.id = i.store_id
          where i.round_id = $1
          order by i.store_id",
    )
    .bind(round)
    .fetch_all(tx)
    .await
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct InvitedLineRow {
    pub store_id: StoreId,
    pub line_id: LineId,
    pub listed: bool,
    pub net: i64,
    pub gate: Option<i64>,
    pub need_cap: i64,
}

/// In the order of stores, then lines.
pub async fn invited_lines(tx: &mut PgConnection, round: RoundId) -> Result<Vec<InvitedLineRow>> {
    sqlx::query_as(
        "select store_id, line_id, listed, net, gate, need_cap
           from invitation_lines
          where round_id = $1
          order by store_id, line_id",
    )
    .bind(round)
    .fetch_all(tx)
    .await
}

/// Every decided claim with its packed verdict.
pub async fn claims(tx: &mut PgConnection, round: RoundId) -> Result<Vec<(ClaimId, String)>> {
    sqlx::query_as("select claim_id, verdict from claims where round_id = $1").bind(round).fetch_all(tx).await
}

/// The latest moment of Redis' clock that the books know of the round; 0: none.
pub async fn last_ms(tx: &mut PgConnection, round: RoundId) -> Result<UnixMs> {
    let at: Option<DateTime<Utc>> = sqlx::query_scalar(
        "select greatest(opened_at, paused_at, closed_at, (select max(decided_at) from claims where round_id = r.id))
           from rounds r
          where id = $1",
    )
    .bind(round)
    .fetch_one(tx)
    .await?;
    Ok(at.map_or(0, |at| at.timestamp_millis()))
}
