//! Following the outbox: each node hears of everything that was committed in its pools, once and in order.
//!
//! Numbers are dense in commit order, because the row that hands them out is locked last and held to the commit. So a
//! cursor is enough, and a number left out is a bug and never a reason to wait. Redis' hints only shorten the wait.

mod audience;
mod follower;

pub use follower::{Follower, Started, StoreHeads};

use crate::domain::{
    event::{StateEvent, StoreEvent},
    ids::{RoundId, StoreId, UserId},
};
use chrono::{DateTime, Utc};
use std::{collections::HashSet, sync::Arc};

/// Something to be told.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its place in the pool's outbox; a state's version.
    pub number: i64,
    /// When its transaction began.
    pub at: DateTime<Utc>,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    /// For one store: every one, once, in order.
    Store { store_id: StoreId, store_seq: i64, event: StoreEvent },
    /// For everybody invited and for headquarters: the newest replaces the older.
    State { round_id: RoundId, event: StateEvent, audience: Arc<HashSet<StoreId>> },
    /// For nobody: whoever signed in under a lower version is to be sent away.
    User { user_id: UserId, auth_version: i64 },
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Database(#[from] crate::storage::Error),
    /// Somebody wrote the outbox past its lock, or a restored database meets a node that knew more.
    #[error("the outbox lacks number {expected}: the next row is {found}")]
    Gap { expected: i64, found: i64 },
    #[error("row {number} of the outbox cannot be read: {why}")]
    Unreadable { number: i64, why: String },
}

pub type Result<T> = std::result::Result<T, Error>;
