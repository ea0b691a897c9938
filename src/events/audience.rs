//! Who is invited to which round, remembered: invitations are frozen when a round is published, before the first state
//! of it is told.

use crate::{
    domain::ids::{RoundId, StoreId},
    storage::{Result, outbox_tail},
};
use sqlx::PgConnection;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// So many rounds are remembered: far more than live at once. A forgotten one is read again.
const ROUNDS_MAX: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Audiences {
    rounds: HashMap<RoundId, Arc<HashSet<StoreId>>>,
}

impl Audiences {
    pub async fn of(&mut self, conn: &mut PgConnection, round_id: RoundId) -> Result<Arc<HashSet<StoreId>>> {
        if let Some(known) = self.rounds.get(&round_id) {
            return Ok(Arc::clone(known));
        }
        let audience = Arc::new(outbox_tail::audience(conn, round_id).await?);
        if self.rounds.len() >= ROUNDS_MAX {
            self.rounds.clear();
        }
        self.rounds.insert(round_id, Arc::clone(&audience));
        Ok(audience)
    }
}
