//! A world in motion: a coordinator and a writer, stepped by hand, and stores that claim.

use super::world::World;
use graborder::{
    domain::{
        claim::{Claim, ClaimLine, ClaimMode, Verdict},
        ids::{ClaimId, LineId, RoundId, UserId},
        reason::Reason,
        round::RoundState,
    },
    hot::{ClaimAnswer, ClaimReply, HotError},
    rounds::{Coordinator, CoordinatorConfig, Error, Step},
    storage::{Db, rounds},
    writer::{self, Writer},
};
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Everything that should happen happens within this.
const PATIENCE: Duration = Duration::from_secs(30);

pub const CONFIG: CoordinatorConfig =
    CoordinatorConfig { warm_lead_ms: 600_000, open_lead_ms: 1_000, archive_after_ms: 86_400_000 };

pub struct Stage {
    pub world: World,
    pub coordinator: Coordinator,
    pub writer: Writer,
}

/// What became of a claim, as its store sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Decided(Verdict),
    Known(Verdict),
    NotDecided(Reason),
    /// The one who claims was changed since signing in.
    SignedOut,
    /// Nobody decides just now, or nobody knows: send the same id again.
    Again,
}

impl Stage {
    pub fn of(world: World) -> Self {
        Self::with(world, CONFIG)
    }

    pub fn with(world: World, config: CoordinatorConfig) -> Self {
        Self { coordinator: coordinator(&world, world.db.clone(), config), writer: writer(&world), world }
    }

    /// One step of each.
    pub async fn step(&mut self) {
        self.coordinate().await;
        self.write().await;
    }

    /// Redis may be away.
    pub async fn coordinate(&mut self) -> Option<Step> {
        match self.coordinator.step().await {
            Ok(step) => Some(step),
            Err(Error::Hot(_)) => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn write(&mut self) {
        match self.writer.step().await {
            Ok(_) | Err(writer::Error::Hot(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// Steps until the books say so.
    pub async fn until(&mut self, id: RoundId, state: RoundState) {
        let begun = Instant::now();
        while self.world.state(id).await != state {
            assert!(begun.elapsed() < PATIENCE, "{:?}, not {state:?}", self.world.state(id).await);
            self.step().await;
        }
    }

    /// Steps until the pool decides and has nothing to recover.
    pub async fn until_healthy(&mut self) {
        let begun = Instant::now();
        while !matches!(self.coordinate().await, Some(Step::Done { .. })) {
            assert!(begun.elapsed() < PATIENCE, "the pool does not come back");
            self.write().await;
        }
        self.write().await;
    }

    /// A round that is open and takes claims. It closes a minute after it opened.
    pub async fn open_round(&mut self, pledged: i64) -> RoundId {
        let id = self.world.published(300, pledged).await;
        self.until(id, RoundState::Open).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        id
    }

    pub async fn lines(&self, id: RoundId) -> Vec<LineId> {
        let rows = rounds::lines(&mut self.world.connection().await, id).await.expect("lines");
        rows.into_iter().map(|line| line.id).collect()
    }

    pub async fn claim(&self, round: RoundId, claim: ClaimId, store: usize, qty: i64) -> Answer {
        let line_id = self.lines(round).await[0];
        let line = ClaimLine { line_id, qty };
        let user = UserId(self.world.boss.0);
        let claim = Claim::new(claim, round, self.world.stores[store], user, 1, ClaimMode::Partial, vec![line]);
        let claim = claim.expect("well formed");
        match self.send(&claim).await {
            Ok(ClaimReply::Ok { replies, .. }) => match replies.into_iter().next().expect("one reply") {
                ClaimAnswer::Decided(verdict) => Answer::Decided(verdict),
                ClaimAnswer::Known(verdict) => Answer::Known(verdict),
                ClaimAnswer::NotDecided(reason) => Answer::NotDecided(reason),
                ClaimAnswer::SignedOut => Answer::SignedOut,
            },
            Ok(_) | Err(_) => Answer::Again,
        }
    }

    async fn send(&self, claim: &Claim) -> Result<ClaimReply, HotError> {
        let hot = &self.world.hot;
        let epoch = hot.head().await?.epoch;
        let deadline_ms = hot.now_ms().await? + 2_000;
        hot.claimer().await?.claim(epoch, deadline_ms, 100_000, claim.round_id, &[claim]).await
    }

    /// A claim that must be decided now; what it was granted.
    pub async fn wins(&self, round: RoundId, claim: ClaimId, store: usize, qty: i64) -> i64 {
        match self.claim(round, claim, store, qty).await {
            Answer::Decided(verdict) => verdict.granted(),
            other => panic!("{other:?}"),
        }
    }

    pub async fn is_in_redis(&self, id: RoundId) -> bool {
        let epoch = self.world.hot.head().await.expect("head").epoch;
        self.world.hot.round(epoch, id).await.expect("round").is_some()
    }
}

pub fn coordinator(world: &World, db: Db, config: CoordinatorConfig) -> Coordinator {
    Coordinator::new(db, world.hot.clone(), world.pool.clone(), config)
}

pub fn writer(world: &World) -> Writer {
    Writer::new(world.db.clone(), world.hot.clone(), world.pool.clone())
}

/// Waits for something that happens by itself.
pub async fn eventually<F: Future<Output = bool>>(mut is: impl FnMut() -> F) {
    let begun = Instant::now();
    while !is().await {
        assert!(begun.elapsed() < PATIENCE, "it never came true");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
