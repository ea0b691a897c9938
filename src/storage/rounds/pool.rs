//! The pool's own row: which Redis process decides for it, in which epoch, and how far its log is in the books.

use crate::{
    domain::{clock::UnixMs, clock::from_ms, ids::PoolId},
    storage::Result,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PoolRow {
    pub epoch: i64,
    pub run_id: Option<String>,
    pub log_pos: String,
    /// The dense number of the entry at that position.
    pub log_n: i64,
    /// Since when the pool cannot decide; the writer clears it when it sees the blessing in the log.
    pub fenced_at: Option<DateTime<Utc>>,
}

pub async fn read(conn: &mut PgConnection, pool: &PoolId) -> Result<PoolRow> {
    sqlx::query_as("select epoch, run_id, log_pos, log_n, fenced_at from pools where id = $1")
        .bind(pool)
        .fetch_one(conn)
        .await
}

/// The first moment stands: a recovery that is taken up again counts from there.
pub async fn fence(conn: &mut PgConnection, pool: &PoolId, since_ms: UnixMs) -> Result<()> {
    sqlx::query("update pools set fenced_at = coalesce(fenced_at, $2) where id = $1")
        .bind(pool)
        .bind(from_ms(since_ms))
        .execute(conn)
        .await?;
    Ok(())
}

/// From this commit on the writer refuses the old epoch's log. False: somebody else was first, or the writer went on.
pub async fn begin_epoch(conn: &mut PgConnection, pool: &PoolId, seen: &PoolRow, epoch: i64) -> Result<bool> {
    let done = sqlx::query(
        "update pools
            set epoch = $4, run_id = null, log_pos = '0-0', log_n = 0, claims_written = 0
          where id = $1
            and epoch = $2
            and log_pos = $3",
    )
    .bind(pool)
    .bind(seen.epoch)
    .bind(&seen.log_pos)
    .bind(epoch)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes the process that was blessed for the epoch.
pub async fn note_blessed(conn: &mut PgConnection, pool: &PoolId, epoch: i64, run_id: &str) -> Result<()> {
    sqlx::query("update pools set run_id = $3 where id = $1 and epoch = $2")
        .bind(pool)
        .bind(epoch)
        .bind(run_id)
        .execute(conn)
        .await?;
    Ok(())
}
