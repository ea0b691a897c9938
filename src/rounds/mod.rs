//! A round's life: drafted, published, warmed, opened, paused, closed, settled, archived; and what happens when Redis
//! was lost.
//!
//! `Rounds` is what headquarters may ask for, from any node. `Coordinator` is the one holder of the lease `rounds`, who
//! does what time demands. Opening, resuming, extending and stopping are numbered in Postgres and then applied to
//! Redis; pausing is Redis first, because it must work without Postgres. Postgres follows the log in either case.
//!
//! Numbers of intents: Postgres hands out even ones, ascending. A pause takes the odd number above the last applied
//! one: a round that is open was last changed by an even number, because only a numbered resume lifts a pause. So the
//! two never meet, and a pause needs nothing but Redis.

mod flaw;
mod input;

mod draft;
mod edit;
mod publish;

mod approve;
mod send_back;

mod cancel;

mod apply;
mod ask;

mod coordinator;

mod archive;
mod close;
mod open;
mod settle;
mod warm;

mod recover;

mod give_back;
mod loading;
mod tell;

pub use apply::Asked;
pub use coordinator::{Coordinator, CoordinatorConfig, Step};
pub use flaw::{Flaw, FlawKind};
pub use input::{Edit, InvitedStores, NewInvitation, NewLine, NewRound};
pub use publish::Shortage;

use crate::{
    domain::{heat::Thresholds, ids::PoolId, round::RoundState},
    hot::{HotError, HotPool, IgnoredWhy},
    storage::{self, Db},
};

/// Everything headquarters does to the rounds of one pool.
#[derive(Clone)]
pub struct Rounds {
    db: Db,
    hot: HotPool,
    pool: PoolId,
    /// Above these a second person must agree before a round is published.
    thresholds: Thresholds,
}

/// Why a round was not changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such round")]
    NotFound,
    /// The round's state does not allow it.
    #[error("the round is {0:?}")]
    State(RoundState),
    /// Somebody else changed the draft since it was read.
    #[error("the draft was changed meanwhile")]
    Version,
    /// Who asked for the round, or changed it last, cannot be the one who agrees to it.
    #[error("a second person must approve it")]
    SecondPerson,
    #[error("the round is not well formed: {0:?}")]
    Flawed(Vec<Flaw>),
    /// Each line that asks for more than its warehouse has to spare.
    #[error("not enough stock: {0:?}")]
    NotEnoughStock(Vec<Shortage>),
    /// The chain's time zone is not one.
    #[error("unknown time zone {0:?}")]
    TimeZone(String),
    /// The script did not do what was asked: the round had closed, or another pause holds it.
    #[error("ignored: {}", .0.as_str())]
    Ignored(IgnoredWhy),
    /// Redis does not have the round, or does not decide just now: the pool is being recovered.
    #[error("the round is not in Redis just now")]
    NotLoaded,
    /// Others changed the same thing again and again; ask once more.
    #[error("too much happened at once")]
    Busy,
    /// Opening and closing on time are nobody's wish.
    #[error("only the clock opens and closes")]
    ClockOnly,
    /// A position in the log that is none.
    #[error("not a log position: {0:?}")]
    LogPosition(String),
    #[error(transparent)]
    Hot(#[from] HotError),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Rounds {
    pub fn new(db: Db, hot: HotPool, pool: PoolId) -> Self {
        Self { db, hot, pool, thresholds: Thresholds::default() }
    }

    /// The same, where rounds above the thresholds wait for a second person.
    pub fn asking_above(self, thresholds: Thresholds) -> Self {
        Self { thresholds, ..self }
    }

    /// Wakes the followers of the outbox after a commit. They look by themselves too, so a lost hint costs a moment.
    async fn hint(&self, number: i64) {
        if let Err(error) = self.hot.hint(number).await {
            tracing::debug!(number, %error, "no hint");
        }
    }
}
