//! Loading a published round into Redis, some minutes before it opens.

use super::{Coordinator, Error, Result, Rounds, coordinator::Now, loading, tell};
use crate::{
    domain::{clock::UnixMs, ids::RoundId, round::RoundState},
    hot::WarmReply,
    storage::{
        Tx, outbox,
        rounds::{self as books, RoundRow, load},
    },
};

/// So often a load starts over within one step because effects were applied meanwhile.
const TRIES: usize = 3;

impl Coordinator {
    pub(super) async fn warm_when_due(&mut self, round: &RoundRow, now: Now) -> Result<Option<UnixMs>> {
        let due_ms = round.opens_ms() - self.config.warm_lead_ms;
        if now.ms < due_ms {
            return Ok(Some(due_ms));
        }
        if self.rounds.begin_warming(round.id).await? {
            self.rounds.load(round.id).await?;
        }
        Ok(Some(now.ms))
    }
}

impl Rounds {
    /// Postgres first: a round stands in Redis only if the books say so. False when it was called off meanwhile.
    async fn begin_warming(&self, id: RoundId) -> Result<bool> {
        let mut tx = Tx::begin(&self.db).await?;
        books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if !books::move_to(&mut tx, id, RoundState::Scheduled, RoundState::Warming).await? {
            return Ok(false);
        }
        let rows = tell::state_and_board(&mut tx, id).await?;
        let number = outbox::append(&mut tx, &self.pool, &rows).await?;
        tx.commit().await?;
        self.hint(number).await;
        Ok(true)
    }

    /// Loads a WARMING round from one snapshot. The snapshot carries the number of the newest effect in it; if Redis has
    /// applied more or fewer, its counters are of another moment and the load starts over.
    pub(super) async fn load(&self, id: RoundId) -> Result<()> {
        for _ in 0..TRIES {
            let mut tx = Tx::begin(&self.db).await?;
            load::begin_snapshot(&mut tx).await?;
            let round = books::round(&mut tx, id).await?.ok_or(Error::NotFound)?;
            if round.state != RoundState::Warming {
                return Err(Error::State(round.state));
            }
            let number = load::newest_effect(&mut tx, &self.pool).await?;
            let warm = loading::warm_round(&mut tx, &round).await?;
            // Redis may take its time; the books are not kept waiting.
            tx.rollback().await?;
            let epoch = self.hot.head().await?.epoch;
            match self.hot.warm(epoch, number, &warm).await? {
                WarmReply::Done | WarmReply::Known => {
                    tracing::info!(round_id = %id, stores = warm.invited.len(), "round loaded");
                    return self.drop_if_called_off(id).await;
                }
                WarmReply::Number(applied_no) => {
                    tracing::debug!(round_id = %id, number, applied_no, "another moment: the load starts over");
                }
                WarmReply::Incomplete => tracing::debug!(round_id = %id, "another load came between: it starts over"),
                WarmReply::Fenced | WarmReply::Epoch(_) => return Err(Error::NotLoaded),
            }
        }
        Err(Error::Busy)
    }

    /// A round that was cancelled while it was being loaded must not stay in Redis. It could never open, but it is litter.
    async fn drop_if_called_off(&self, id: RoundId) -> Result<()> {
        let mut conn = self.db.0.acquire().await?;
        let round = books::round(&mut conn, id).await?.ok_or(Error::NotFound)?;
        if round.state == RoundState::Cancelled {
            self.hot.drop_round(id).await?;
        }
        Ok(())
    }
}
