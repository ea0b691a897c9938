//! How far a pool's log is in the books. It moves in the same transaction as what the log said, by compare-and-set:
//! whoever thinks to hold the writer's lease, nothing happens twice.

use super::Result;
use crate::domain::ids::PoolId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Position {
    pub epoch: i64,
    /// The last log entry in the books, as Redis names it; `0-0` before the first.
    pub log_pos: String,
    /// That entry's dense number within the epoch.
    pub log_n: i64,
    /// Decisions of this epoch that the books have seen: what back-pressure is measured against.
    pub claims_written: i64,
}

/// The transaction's time, and the chain-local day of it.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Moment {
    pub at: DateTime<Utc>,
    pub day: NaiveDate,
}

/// `None`: there is no such pool.
pub async fn read(conn: &mut PgConnection, pool_id: &PoolId) -> Result<Option<Position>> {
    sqlx::query_as(
        "select epoch, log_pos, log_n, claims_written
           from pools
          where id = $1",
    )
    .bind(pool_id)
    .fetch_optional(conn)
    .await
}

/// The first statement of the writer's transaction. `None`: somebody else moved the position, or a recovery began a new
/// epoch; roll back and read again. While there is no chain there is no claim whose day would count.
pub async fn advance(
    tx: &mut PgConnection,
    pool_id: &PoolId,
    from: &Position,
    to: &Position,
) -> Result<Option<Moment>> {
    sqlx::query_as(
        "update pools
            set log_pos = $4,
                log_n = $5,
                claims_written = $6
          where id = $1
            and epoch = $2
            and log_pos = $3
         returning now() as at,
                   coalesce((select (now() at time zone time_zone)::date from chain),
                            (now() at time zone 'UTC')::date) as day",
    )
    .bind(pool_id)
    .bind(from.epoch)
    .bind(&from.log_pos)
    .bind(&to.log_pos)
    .bind(to.log_n)
    .bind(to.claims_written)
    .fetch_optional(tx)
    .await
}

/// The blessing of this epoch is in the books: the pool decides again.
pub async fn unfence(tx: &mut PgConnection, pool_id: &PoolId) -> Result<()> {
    sqlx::query("update pools set fenced_at = null where id = $1").bind(pool_id).execute(tx).await?;
    Ok(())
}
