//! Verdicts that Redis no longer holds, because their round was archived: a verdict stays the same for ever.

use super::Result;
use crate::domain::ids::{ClaimId, RoundId};
use sqlx::PgConnection;

/// The packed verdict as the script wrote it; `domain::claim::Verdict::parse` reads it. `None`: nothing was decided
/// under this id, as far as the books know.
pub async fn packed(conn: &mut PgConnection, round_id: RoundId, claim_id: ClaimId) -> Result<Option<String>> {
    sqlx::query_scalar(
        "select verdict
           from claims
          where round_id = $1
            and claim_id = $2",
    )
    .bind(round_id)
    .bind(claim_id)
    .fetch_optional(conn)
    .await
}
