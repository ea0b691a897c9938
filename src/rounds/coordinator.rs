//! The one who does what time demands, for one pool: holder of the lease `rounds`. Everything it does is safe if two do it,
//! or if it dies anywhere in between: rounds are moved under their lock, intents are numbered, recoveries take a new epoch.

use super::{Result, Rounds, recover::Recovery};
use crate::{
    domain::{
        clock::UnixMs,
        ids::{PoolId, RoundId},
        round::RoundState,
    },
    hot::HotPool,
    storage::{
        Db, leases,
        rounds::{self as books, RoundRow},
    },
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two steps when nothing is due sooner.
const PACE: Duration = Duration::from_millis(100);
/// The shortest wait, so that a thing that is due and cannot be done does not spin.
const PACE_MIN: Duration = Duration::from_millis(10);
/// Two renewals may fail before somebody else takes over.
const LEASE: Duration = Duration::from_secs(3);
const LEASE_RENEWED: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
pub struct CoordinatorConfig {
    /// A round is loaded into Redis so long before it opens.
    pub warm_lead_ms: i64,
    /// And armed so long before; claims until then are told that it is not open.
    pub open_lead_ms: i64,
    /// A closed round leaves Redis after this; its verdicts are answered from the books from then on.
    pub archive_after_ms: i64,
}

pub struct Coordinator {
    pub(super) rounds: Rounds,
    pub(super) config: CoordinatorConfig,
    pub(super) recovery: Recovery,
    lease: String,
    holder: Uuid,
    held_since: Option<Instant>,
    /// When each warming round is looked at again, by Redis' clock.
    checks: HashMap<RoundId, UnixMs>,
    /// Why rounds could not be moved on, as last said.
    still: HashMap<RoundId, String>,
}

/// Redis' clock, and the epoch in which it decides, as of the beginning of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub ms: UnixMs,
    pub epoch: i64,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody else holds the lease.
    Idle,
    /// The pool is fenced; rounds stand still until it is built anew.
    Recovering,
    /// Everything due was done. By Redis' clock the next thing is due then, if anything is planned.
    Done { next_ms: Option<UnixMs>, now_ms: UnixMs },
}

impl Coordinator {
    pub fn new(db: Db, hot: HotPool, pool: PoolId, config: CoordinatorConfig) -> Self {
        let lease = format!("rounds:{pool}");
        Self {
            rounds: Rounds::new(db, hot, pool),
            config,
            recovery: Recovery::default(),
            lease,
            holder: Uuid::now_v7(),
            held_since: None,
            checks: HashMap::new(),
            still: HashMap::new(),
        }
    }

    /// Until it is told to stop. An error is logged when it first appears, and again when it has changed.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut last_error = String::new();
        loop {
            let pause = match self.step().await {
                Ok(step) => {
                    if !last_error.is_empty() {
                        tracing::info!("the rounds go on");
                        last_error.clear();
                    }
                    pause_after(step)
                }
                Err(error) => {
                    metrics::counter!("rounds_step_errors_total").increment(1);
                    let text = error.to_string();
                    if text != last_error {
                        tracing::error!(%error, "the rounds stand still");
                        last_error = text;
                    }
                    PACE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => break,
            }
        }
        if let Err(error) = self.give_up_lease().await {
            tracing::warn!(%error, "the lease ends by itself");
        }
    }

    /// Everything that is due now.
    pub async fn step(&mut self) -> Result<Step> {
        if !self.hold_lease().await? {
            self.recovery.forget();
            return Ok(Step::Idle);
        }
        // What the books alone can do does not wait for Redis.
        let rounds = self.current().await?;
        for round in rounds.iter().filter(|round| round.state == RoundState::Settling) {
            // One sick round must not hold up the others, least of all a recovery.
            if let Err(error) = self.rounds.settle(round.id).await {
                metrics::counter!("rounds_step_errors_total").increment(1);
                self.stands_still(round, format!("it cannot be settled: {error}"));
            }
        }
        let Some(now) = self.recover().await? else { return Ok(Step::Recovering) };
        self.forget_all_but(&rounds);
        let mut next_ms: Option<UnixMs> = None;
        for round in &rounds {
            // One sick round must not hold up the others.
            match self.advance(round, now).await {
                Ok(due_ms) => next_ms = [next_ms, due_ms].into_iter().flatten().min(),
                Err(error) => {
                    metrics::counter!("rounds_step_errors_total").increment(1);
                    self.stands_still(round, error.to_string());
                }
            }
        }
        Ok(Step::Done { next_ms, now_ms: now.ms })
    }

    /// Does what is due for one round, and says when the next thing is.
    async fn advance(&mut self, round: &RoundRow, now: Now) -> Result<Option<UnixMs>> {
        match round.state {
            RoundState::Scheduled => self.warm_when_due(round, now).await,
            RoundState::Warming => self.open_when_due(round, now).await,
            RoundState::Open | RoundState::Paused => self.close_when_due(round, now).await,
            RoundState::Closed => self.archive_when_due(round, now).await,
            RoundState::Draft
            | RoundState::PendingApproval
            | RoundState::Settling
            | RoundState::Archived
            | RoundState::Cancelled => Ok(None),
        }
    }

    fn forget_all_but(&mut self, rounds: &[RoundRow]) {
        let state = |id: &RoundId| rounds.iter().find(|round| round.id == *id).map(|round| round.state);
        self.checks.retain(|id, _| state(id) == Some(RoundState::Warming));
        self.still.retain(|id, _| state(id).is_some());
    }

    /// Said when it begins, and again when it is for another reason; it is tried again at every step.
    pub(super) fn stands_still(&mut self, round: &RoundRow, why: String) {
        if self.still.get(&round.id) != Some(&why) {
            tracing::error!(round_id = %round.id, code = round.code, why, "this round stands still");
            self.still.insert(round.id, why);
        }
    }

    /// At once, unless said otherwise.
    pub(super) fn next_check_ms(&self, round: RoundId) -> UnixMs {
        self.checks.get(&round).copied().unwrap_or(0)
    }

    pub(super) fn check_again_at(&mut self, round: RoundId, at_ms: UnixMs) {
        self.checks.insert(round, at_ms);
    }

    async fn current(&self) -> Result<Vec<RoundRow>> {
        let mut conn = self.rounds.db.0.acquire().await?;
        Ok(books::current(&mut conn, &self.rounds.pool).await?)
    }

    /// The books are asked once a second; the lease is longer than that.
    async fn hold_lease(&mut self) -> Result<bool> {
        if self.held_since.is_some_and(|since| since.elapsed() < LEASE_RENEWED) {
            return Ok(true);
        }
        // An error leaves it unknown.
        self.held_since = None;
        let asked = Instant::now();
        let mut conn = self.rounds.db.0.acquire().await?;
        let held = leases::hold(&mut conn, &self.lease, self.holder, LEASE).await?;
        self.held_since = held.then_some(asked);
        Ok(held)
    }

    async fn give_up_lease(self) -> Result<()> {
        let mut conn = self.rounds.db.0.acquire().await?;
        Ok(leases::release(&mut conn, &self.lease, self.holder).await?)
    }
}

fn pause_after(step: Step) -> Duration {
    match step {
        Step::Done { next_ms: Some(next_ms), now_ms } => {
            let wait = u64::try_from(next_ms - now_ms).map_or(PACE_MIN, Duration::from_millis);
            wait.clamp(PACE_MIN, PACE)
        }
        Step::Done { next_ms: None, .. } | Step::Idle | Step::Recovering => PACE,
    }
}
