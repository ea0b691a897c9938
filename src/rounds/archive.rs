//! A closed round leaves Redis. Its verdicts stay what they are: the books answer for them from then on.

use super::{Coordinator, Result, coordinator::Now};
use crate::{
    domain::{clock::UnixMs, round::RoundState},
    storage::rounds::{self as books, RoundRow},
};

impl Coordinator {
    pub(super) async fn archive_when_due(&mut self, round: &RoundRow, now: Now) -> Result<Option<UnixMs>> {
        let closed_ms = round.closed_at.map_or_else(|| round.closes_ms(), |at| at.timestamp_millis());
        let due_ms = closed_ms + self.config.archive_after_ms;
        if now.ms < due_ms {
            return Ok(Some(due_ms));
        }
        // Redis first: were the books first, a crash here would leave the keys there for ever.
        self.rounds.hot.drop_round(round.id).await?;
        let mut conn = self.rounds.db.0.acquire().await?;
        books::move_to(&mut conn, round.id, RoundState::Closed, RoundState::Archived).await?;
        tracing::info!(round_id = %round.id, code = round.code, "round archived");
        Ok(None)
    }
}
