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

mod cancel;

mod loading;

mod give_back;
mod tell;

pub use flaw::{Flaw, FlawKind};
pub use input::{Edit, InvitedStores, NewInvitation, NewLine, NewRound};
pub use publish::Shortage;

use crate::{
    domain::{ids::PoolId, round::RoundState},
    storage::{self, Db},
};

/// Everything headquarters does to the rounds of one pool.
#[derive(Clone)]
pub struct Rounds {
    db: Db,
    pool: PoolId,
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
    #[error("the round is not well formed: {0:?}")]
    Flawed(Vec<Flaw>),
    /// Each line that asks for more than its warehouse has to spare.
    #[error("not enough stock: {0:?}")]
    NotEnoughStock(Vec<Shortage>),
    /// The chain's time zone is not one.
    #[error("unknown time zone {0:?}")]
    TimeZone(String),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Rounds {
    pub fn new(db: Db, pool: PoolId) -> Self {
        Self { db, pool }
    }
}
