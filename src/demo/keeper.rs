//! Keeps a round coming every few minutes, so that whoever looks at the demo has something to grab.

use crate::domain::{
    clock,
    ids::{RoundId, UserId},
    role::Role,
    round::{Policy, RoundState},
};
use crate::rounds::{InvitedStores, NewLine, NewRound, Rounds};
use crate::storage::{Db, round_list, seed, shortage};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Lines of a round, and cases of each: 240 cases, as in the story.
const LINES: i64 = 4;
const CASES: i64 = 60;
const OPEN_FOR: Duration = Duration::from_secs(180);
/// From one closing to the next opening.
const BETWEEN: Duration = Duration::from_secs(60);
const NAMES: [&str; 6] = ["早市到货", "周末备货", "热销补货", "新到一批", "限量分货", "节前加货"];

pub struct Keeper {
    db: Db,
    rounds: Rounds,
    first: Duration,
    made: usize,
}

#[derive(Debug, thiserror::Error)]
enum KeeperError {
    #[error("nobody may publish a round here")]
    NoSupervisor,
    #[error("a hot round needs a second supervisor, and there is none")]
    NoSecondPerson,
    #[error("the warehouses have nothing left that stores need")]
    SoldOut,
    #[error(transparent)]
    Storage(#[from] crate::storage::Error),
    #[error(transparent)]
    Rounds(#[from] crate::rounds::Error),
}

impl Keeper {
    pub fn new(db: Db, rounds: Rounds, first_round_s: u64) -> Self {
        Self { db, rounds, first: Duration::from_secs(first_round_s), made: 0 }
    }

    /// Makes a round whenever none is coming or open.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.step().await {
                tracing::warn!(%error, "no demo round was made");
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(2)) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn step(&mut self) -> Result<Option<RoundId>, KeeperError> {
        let mut db = self.db.0.acquire().await?;
        if round_list::any_coming(&mut db).await? {
            return Ok(None);
        }
        let supervisors = seed::users_of(&mut db, Role::Supervisor, 2).await?;
        let by: UserId = supervisors.first().copied().ok_or(KeeperError::NoSupervisor)?;
        let needed = shortage::most_needed(&mut db, CASES, LINES).await?;
        drop(db);
        if needed.is_empty() {
            return Err(KeeperError::SoldOut);
        }
        let lead = if self.made == 0 { self.first } else { BETWEEN };
        let opens_at = clock::now() + lead;
        let round = NewRound {
            name: NAMES[self.made % NAMES.len()].to_owned(),
            opens_at,
            closes_at: opens_at + OPEN_FOR,
            policy: Policy::default(),
            lines: needed
                .into_iter()
                .map(|line| NewLine {
                    sku_id: line.sku_id,
                    warehouse_id: line.warehouse_id,
                    pledged: CASES * line.case_pack,
                    holdback: 0,
                    price_cents: None,
                    pack: None,
                    min_claim: None,
                    cap_line: None,
                })
                .collect(),
            stores: InvitedStores::All,
        };
        let id = self.rounds.draft(round, by).await?;
        if let Err(error) = self.put_out(id, by, supervisors.get(1).copied()).await {
            // The next step makes another: this one must not be left lying about.
            self.rounds.cancel(id, "", by).await?;
            return Err(error);
        }
        self.made += 1;
        tracing::info!(round = %id, %opens_at, "a demo round was published");
        Ok(Some(id))
    }

    /// The demo's rounds are what stores are shortest of, so most are hot: the second supervisor agrees.
    async fn put_out(&self, id: RoundId, by: UserId, second: Option<UserId>) -> Result<(), KeeperError> {
        if self.rounds.publish(id, by).await? == RoundState::PendingApproval {
            let second = second.ok_or(KeeperError::NoSecondPerson)?;
            self.rounds.approve(id, None, "演示场次", second).await?;
        }
        Ok(())
    }
}
