//! A round that waits for a second person becomes a draft again: it is sent back with a reason, or withdrawn by who asked.

use super::{Error, Result, Rounds};
use crate::{
    domain::{
        admin_action::{Action, OnKind},
        ids::{RoundId, UserId},
        round::RoundState,
        round_step::RoundStep,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        rounds::{self as books, approval, steps},
    },
};

impl Rounds {
    pub async fn send_back(&self, id: RoundId, reason: &str, by: UserId) -> Result<()> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if round.state != RoundState::PendingApproval {
            return Err(Error::State(round.state));
        }
        let owners = approval::owners(&mut tx, id).await?;
        approval::take_back(&mut tx, id).await?;
        if by == owners.asked_by {
            steps::note(&mut tx, id, RoundStep::Withdrawn, by, reason).await?;
        } else {
            steps::note(&mut tx, id, RoundStep::SentBack, by, reason).await?;
            let act = Act::new(Some(by), Action::RoundSentBack, reason);
            admin_actions::write(&mut tx, OnKind::Round, id.0, act).await?;
        }
        tx.commit().await?;
        tracing::info!(round_id = %id, code = round.code, by = %by, reason, "round sent back");
        Ok(())
    }
}
