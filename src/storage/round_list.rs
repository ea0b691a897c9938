//! Small questions about rounds that the machinery asks.

use super::Result;
use crate::domain::ids::RoundId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Whether a published round is still to open or has not closed yet.
pub async fn any_coming(db: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("select exists (select from rounds where state in ('SCHEDULED', 'WARMING', 'OPEN', 'PAUSED'))")
        .fetch_one(db)
        .await
}

/// Opening and closing with all pauses added, of a published round.
pub async fn times(db: &mut PgConnection, round_id: RoundId) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
    sqlx::query_as(
        "select opens_at + shift_ms * interval '1 millisecond',
                coalesce(closed_at, closes_at + shift_ms * interval '1 millisecond')
           from rounds
          where id = $1
            and state not in ('DRAFT', 'PENDING_APPROVAL', 'CANCELLED')",
    )
    .bind(round_id)
    .fetch_optional(db)
    .await
}

/// Every round that has decided anything, oldest first.
pub async fn with_decisions(db: &mut PgConnection) -> Result<Vec<RoundId>> {
    sqlx::query_scalar("select id from rounds where chain_n > 0 order by id").fetch_all(db).await
}
