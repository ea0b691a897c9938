//! The second person of a hot round: neither who asked for it nor who changed it last. What they agree to is published
//! with stock and needs as they are at this moment.

use super::{Error, Result, Rounds, publish::Signed};
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
        rounds::approval,
    },
};
use serde_json::json;

impl Rounds {
    /// `version` is that of the round as it was read, if the caller says so: it may have been withdrawn, changed and asked
    /// for again meanwhile.
    pub async fn approve(&self, id: RoundId, version: Option<i64>, reason: &str, by: UserId) -> Result<()> {
        let mut tx = Tx::begin(&self.db).await?;
        let plan = self.plan(&mut tx, id, RoundState::PendingApproval).await?;
        if version.is_some_and(|version| version != plan.round.version) {
            return Err(Error::Version);
        }
        let owners = approval::owners(&mut tx, id).await?;
        if by == owners.asked_by || by == owners.edited_by {
            return Err(Error::SecondPerson);
        }
        let heat = plan.heat();
        let signed = Signed { published_by: owners.asked_by, approved_by: Some(by) };
        let act = Act::new(Some(by), Action::RoundApproved, reason).after(json!({
            "code": plan.round.code,
            "asked_by": owners.asked_by,
            "value_cents": heat.value_cents,
            "scarcity_percent": heat.scarcity_percent,
        }));
        admin_actions::write(&mut tx, OnKind::Round, id.0, act).await?;
        self.put_out(tx, plan, signed, RoundStep::Approved, reason).await
    }
}
