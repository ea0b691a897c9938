//! Closing the books of a round, from the books alone: the writer has seen the closing marker, so every decision stands
//! in them. What was not sold goes back; offered = granted + returned, to the unit.

use super::{Error, Result, Rounds, give_back::give_back_unsold, tell};
use crate::{
    domain::{ids::RoundId, round::RoundState},
    storage::{Tx, outbox, rounds as books},
};

impl Rounds {
    pub(super) async fn settle(&self, id: RoundId) -> Result<()> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if round.state != RoundState::Settling {
            return Ok(());
        }
        let units = give_back_unsold(&mut tx, id, None).await?;
        books::note_settled(&mut tx, id).await?;
        let rows = tell::state_and_board(&mut tx, id).await?;
        let number = outbox::append(&mut tx, &self.pool, &rows).await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, code = round.code, returned = units, "round closed");
        self.hint(number).await;
        Ok(())
    }
}
