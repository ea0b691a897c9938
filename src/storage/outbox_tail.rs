//! Reading the outbox: for those who follow it, and for the counters in Redis that its effects concern.

use super::Result;
use crate::domain::{
    event::Effect,
    ids::{PoolId, RoundId, StoreId},
};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::HashSet;
use uuid::Uuid;

/// A row as it stands there. A row without an event carries an effect.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TailRow {
    pub number: i64,
    pub at: DateTime<Utc>,
    pub round_id: Option<RoundId>,
    pub store_id: Option<StoreId>,
    pub store_seq: Option<i64>,
    pub event: Option<serde_json::Value>,
    /// Only where nodes follow it too: a user who was changed.
    pub effect: Option<Json<Effect>>,
}

/// The newest number, 0 before the first.
pub async fn head(conn: &mut PgConnection, pool_id: &PoolId) -> Result<i64> {
    sqlx::query_scalar("select last_number from pool_out where pool_id = $1").bind(pool_id).fetch_one(conn).await
}

/// Where the rows of the last so many seconds begin: the number before the first of them. With no row at all it is
/// `head`.
pub async fn start_of_last(conn: &mut PgConnection, pool_id: &PoolId, seconds: i32, head: i64) -> Result<i64> {
    sqlx::query_scalar(
        "select coalesce((select max(number) from outbox where pool_id = $1 and at < now() - make_interval(secs => $2)),
                         (select min(number) - 1 from outbox where pool_id = $1),
                         $3)",
    )
    .bind(pool_id)
    .bind(f64::from(seconds))
    .bind(head)
    .fetch_one(conn)
    .await
}

/// Rows above the cursor in their order, at most so many.
pub async fn after(conn: &mut PgConnection, pool_id: &PoolId, cursor: i64, limit: i64) -> Result<Vec<TailRow>> {
    sqlx::query_as(
        "select number, at, round_id, store_id, store_seq, event,
                case when effect ->> 'effect' = 'user' then effect end as effect
           from outbox
          where pool_id = $1
            and number > $2
          order by number
          limit $3",
    )
    .bind(pool_id)
    .bind(cursor)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// The newest store event's number of every store of the pool.
pub async fn store_heads(conn: &mut PgConnection, pool_id: &PoolId) -> Result<Vec<(StoreId, i64)>> {
    sqlx::query_as("select id, store_seq from stores where pool_id = $1").bind(pool_id).fetch_all(conn).await
}

/// Who was invited to a round: frozen when it was published.
pub async fn audience(conn: &mut PgConnection, round_id: RoundId) -> Result<HashSet<StoreId>> {
    let stores: Vec<Uuid> = sqlx::query_scalar("select store_id from invitations where round_id = $1")
        .bind(round_id)
        .fetch_all(conn)
        .await?;
    Ok(stores.into_iter().map(StoreId).collect())
}

/// Effects above the number, in their order, at most so many.
pub async fn effects_after(
    conn: &mut PgConnection,
    pool_id: &PoolId,
    applied_no: i64,
    limit: i64,
) -> Result<Vec<(i64, Effect)>> {
    let rows: Vec<(i64, Json<Effect>)> = sqlx::query_as(
        "select number, effect
           from outbox
          where pool_id = $1
            and number > $2
            and effect is not null
          order by number
          limit $3",
    )
    .bind(pool_id)
    .bind(applied_no)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(number, effect)| (number, effect.0)).collect())
}
