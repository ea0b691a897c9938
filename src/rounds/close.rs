//! A live round: its waiting wishes are applied, its pause is known to the books, and it is closed when its time has come.
//! Whether it has is for the script to say; here it is only asked in time.

use super::{Coordinator, Error, Result, Rounds, coordinator::Now};
use crate::{
    domain::{
        clock::UnixMs,
        ids::RoundId,
        round::{Intent, RoundState},
    },
    storage::{
        Tx,
        rounds::{self as books, RoundRow, intents},
    },
};

impl Coordinator {
    pub(super) async fn close_when_due(&mut self, round: &RoundRow, now: Now) -> Result<Option<UnixMs>> {
        self.rounds.apply_waiting(round.id).await?;
        let Some(head) = self.rounds.hot.round(now.epoch, round.id).await? else {
            // The books say live and Redis has nothing: no log entry will ever cure that.
            self.recovery.demand("a live round is missing");
            return Ok(None);
        };
        if head.intent_no < round.applied_no {
            self.recovery.demand("a live round is older than the books");
            return Ok(None);
        }
        let mut conn = self.rounds.db.0.acquire().await?;
        intents::note_passed(&mut conn, round.id).await?;
        if let Some(latch) = head.paused {
            // A pause made while the books were away; who asked for it is in the log line of the node that did.
            intents::note_pause(&mut conn, round.id, latch.pause_no, "", None).await?;
            return Ok(None);
        }
        drop(conn);
        let due_ms = head.closes_ms + head.shift_ms;
        if head.state != RoundState::Open || now.ms < due_ms {
            return Ok((head.state == RoundState::Open).then_some(due_ms));
        }
        self.rounds.order_to_close(round.id).await?;
        self.rounds.apply_waiting(round.id).await?;
        Ok(None)
    }
}

impl Rounds {
    /// One such order at a time is enough: while one waits, no second is written.
    async fn order_to_close(&self, id: RoundId) -> Result<()> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let waits = intents::waiting(&mut tx, id).await?.iter().any(|wish| wish.intent == Intent::Close);
        if round.state.is_live() && !waits {
            intents::add(&mut tx, id, Intent::Close, "", None).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
