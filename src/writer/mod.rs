//! The log becomes books: one writer a pool reads what Redis decided and writes it to Postgres, position and effect in
//! one transaction. Killed anywhere, it loses nothing and repeats nothing: what was not committed is read again, what was
//! committed is behind the position.
//!
//! Nothing here is ever cut short: a query that is abandoned half-way poisons its connection, so `stop` is looked at
//! between steps only.

mod read;
mod sense;

mod effects;
mod publish;
mod run;

use crate::{
    domain::ids::PoolId,
    hot::{HotError, HotPool},
    storage::{
        self, Db,
        ledger::{self, Batch, Written},
        log_position::{self, Position},
        trouble::Trouble,
    },
    stream::LogReader,
};
use read::Ahead;
use std::time::{Duration, Instant};

/// Decisions that one transaction takes at most; a call of the claim script holds up to 64. After a failure, or a
/// transaction that held its locks too long, the next takes half as many, down to one entry: a batch that is too much for a
/// slow database must not be tried for ever, and others wait for the same rows.
pub const CLAIMS_MAX: usize = 1_024;
/// Half of what others wait for a lock before they give up.
const COMMIT_MAX: Duration = Duration::from_secs(1);

pub struct Writer {
    db: Db,
    hot: HotPool,
    pool_id: PoolId,
    /// Of the epoch named: every epoch has a log of its own.
    reader: Option<(i64, LogReader)>,
    /// Where the books stand, as last seen; `None`: look again.
    position: Option<Position>,
    /// Decisions that the next transaction takes at most.
    claims_max: usize,
    /// Entries read that did not fit into the last batch. They follow `position`.
    ahead: Ahead,
    /// Epoch and number that Redis was told last.
    reported: Option<(i64, i64)>,
    /// Epoch, and the last effect that Redis has applied in it; `None`: ask it.
    applied: Option<(i64, i64)>,
    /// What was said about reports and effects that fail: they never hold up the log.
    reporting: Trouble,
    effecting: Trouble,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing new in the log.
    Idle,
    Wrote {
        entries: usize,
        /// Decisions that were new to the books.
        claims: usize,
        /// The outbox's newest number, when there was something to tell.
        last_number: Option<i64>,
    },
    /// Somebody else moved the position, or a recovery began an epoch: read again.
    Lost,
    /// The log lacks entries, so Redis has lost some: only a recovery goes on from here.
    Gap { expected: i64, found: i64 },
}

/// What the log holds next.
#[derive(Clone, Debug)]
pub enum Next {
    Nothing,
    Batch(Batch),
    Gap { expected: i64, found: i64 },
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Database(#[from] storage::Error),
    #[error(transparent)]
    Hot(#[from] HotError),
    #[error("there is no pool {0}")]
    NoPool(PoolId),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Writer {
    pub fn new(db: Db, hot: HotPool, pool_id: PoolId) -> Self {
        Self {
            db,
            hot,
            pool_id,
            reader: None,
            position: None,
            claims_max: CLAIMS_MAX,
            ahead: Ahead::default(),
            reported: None,
            applied: None,
            reporting: Trouble::default(),
            effecting: Trouble::default(),
        }
    }

    /// One batch of the log into the books, and then the effects that wait for Redis. Waits a moment for entries when
    /// there are none.
    pub async fn step(&mut self) -> Result<Step> {
        let step = match self.next().await? {
            Next::Gap { expected, found } => {
                // A recovery moves the books to another log; nothing of this one is kept.
                self.position = None;
                self.ahead = Ahead::default();
                return Ok(Step::Gap { expected, found });
            }
            Next::Batch(batch) => match self.commit(&batch).await? {
                None => return Ok(Step::Lost),
                Some(written) => {
                    self.publish(&written).await;
                    let (claims, last_number) = (written.claims, written.last_number);
                    Step::Wrote { entries: batch.entries.len(), claims, last_number }
                }
            },
            Next::Nothing => {
                // The epoch may have ended, and then nothing more would ever come from its log: look where the books are.
                self.position = None;
                self.position().await?;
                self.report().await;
                Step::Idle
            }
        };
        self.apply_effects().await?;
        Ok(step)
    }

    /// Writes a batch. `None`: the books have moved on without it.
    pub async fn commit(&mut self, batch: &Batch) -> Result<Option<Written>> {
        let begun = Instant::now();
        // Whatever goes wrong from here, the books are asked where they stand: a commit that failed may have happened.
        self.position = None;
        let written = self.try_commit(batch).await;
        metrics::histogram!("ledger_batch_seconds").record(begun.elapsed());
        self.claims_max = match &written {
            Ok(_) if begun.elapsed() < COMMIT_MAX => (self.claims_max * 2).min(CLAIMS_MAX),
            Ok(_) | Err(_) => (self.claims_max / 2).max(1),
        };
        let written = written?;
        self.position = written.as_ref().map(|written| written.position.clone());
        Ok(written)
    }

    async fn try_commit(&self, batch: &Batch) -> Result<Option<Written>> {
        let mut tx = self.db.0.begin().await?;
        let written = ledger::apply(&mut tx, batch).await?;
        match written {
            Some(_) => tx.commit().await?,
            None => tx.rollback().await?,
        }
        Ok(written)
    }

    async fn position(&mut self) -> Result<Position> {
        if let Some(position) = &self.position {
            return Ok(position.clone());
        }
        let mut conn = self.db.0.acquire().await?;
        let position = log_position::read(&mut conn, &self.pool_id).await?;
        let position = position.ok_or_else(|| Error::NoPool(self.pool_id.clone()))?;
        Ok(self.position.insert(position).clone())
    }
}
