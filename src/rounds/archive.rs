//! A closed round leaves Redis. Its verdicts stay what they are: the books answer for them from then on.

use super::{Coordinator, Result, coordinator::Now, tell};
use crate::{
    domain::{clock::UnixMs, round::RoundState},
    storage::{
        Tx, outbox,
        rounds::{self as books, RoundRow},
    },
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
        let mut tx = Tx::begin(&self.rounds.db).await?;
        books::move_to(&mut tx, round.id, RoundState::Closed, RoundState::Archived).await?;
        // Nodes forget a round when they hear that it is archived.
        let rows = tell::state_and_board(&mut tx, round.id).await?;
        outbox::append(&mut tx, &self.rounds.pool, &rows).await?;
        tx.commit().await?;
        tracing::info!(round_id = %round.id, code = round.code, "round archived");
        Ok(None)
    }
}
