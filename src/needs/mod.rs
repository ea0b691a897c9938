//! The need of the whole chain: every store, every SKU that it lists, with its score. Asked for by people, by the night,
//! or on the command line; computed by whoever holds the lease.
//!
//! The arithmetic is `domain::need` and `domain::score` and nothing else: what a round freezes at its publish and what the
//! list shows cannot differ. Postgres only reads and stores.

mod chain;
mod nightly;
mod worker;

pub use nightly::Nightly;
pub use worker::{Step, Worker};

use crate::storage;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("storage: {0}")]
    Storage(#[from] storage::Error),
    /// Another try of the same run goes on: what this one did not write, that one writes.
    #[error("another try has taken the run over")]
    Overtaken,
    #[error("the chain's time zone is unknown: {0}")]
    TimeZone(String),
}

pub type Result<T> = std::result::Result<T, Error>;
