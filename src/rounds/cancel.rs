//! Calling a round off before it opens.

use super::{Error, Result, Rounds, give_back::give_back_unsold, tell};
use crate::{
    domain::{
        event::{Notice, StoreEvent},
        ids::{RoundId, UserId},
        round::RoundState,
        round_step::RoundStep,
    },
    storage::{
        Tx,
        outbox::{self, NewRow},
        rounds::{self as books, steps},
    },
};

impl Rounds {
    /// From DRAFT, PENDING_APPROVAL, SCHEDULED or WARMING. Once the order to open was given, the round is stopped instead.
    pub async fn cancel(&self, id: RoundId, reason: &str, by: UserId) -> Result<()> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        // The order to open is given under this same lock: either it stands here already, or it will see the new state.
        if !round.state.may_become(RoundState::Cancelled) || round.intent_no > 0 {
            return Err(Error::State(round.state));
        }
        let mut rows = Vec::new();
        if round.state.is_public() {
            give_back_unsold(&mut tx, id, Some(by)).await?;
            for store_id in books::invited_stores(&mut tx, id).await? {
                let event = StoreEvent::Notice(Notice::Cancelled { round_id: id });
                rows.push(NewRow::Store { store_id, round_id: Some(id), event });
            }
        }
        books::move_to(&mut tx, id, round.state, RoundState::Cancelled).await?;
        steps::note(&mut tx, id, RoundStep::Cancelled, by, reason).await?;
        // Nobody was told of a round that was never published, and nobody is told now.
        if round.state.is_public() {
            rows.extend(tell::state_and_board(&mut tx, id).await?);
        }
        let number = outbox::append(&mut tx, &round.pool_id, &rows).await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, by = %by, reason, from = ?round.state, "round cancelled");
        self.hint(number).await;
        if round.state == RoundState::Warming
            && let Err(error) = self.hot.drop_round(id).await
        {
            // It can never open: nobody will give the order. It is litter until the pool is built anew.
            tracing::warn!(round_id = %id, %error, "a cancelled round stays in Redis");
        }
        Ok(())
    }
}
