//! From the log to the next batch: as many whole entries as one transaction takes, in order and without a gap.

use super::{Next, Result, Writer, sense};
use crate::{
    domain::ids::PoolId,
    storage::{
        ledger::{self, Batch},
        log_position::Position,
    },
    stream::{Entry, LogReader},
};
use std::collections::VecDeque;

/// Entries asked for at once; most hold several claims when the house is full, and one when it is not.
const ENTRIES_MAX: usize = 512;
/// So long one look waits for something to come; effects and a new epoch are seen this late.
const WAIT_MS: u64 = 100;

/// Entries that were read and not yet taken, and the entry that they follow.
#[derive(Default)]
pub(super) struct Ahead {
    epoch: i64,
    after: String,
    entries: VecDeque<Entry>,
}

impl Ahead {
    /// What was read before is worth nothing when the books stand elsewhere.
    fn fits(&self, position: &Position) -> bool {
        !self.entries.is_empty() && self.epoch == position.epoch && self.after == position.log_pos
    }
}

impl Writer {
    /// The batch that follows the books' position. Nothing is changed by asking.
    pub async fn next(&mut self) -> Result<Next> {
        let from = self.position().await?;
        if !self.ahead.fits(&from) {
            let reader = match &mut self.reader {
                Some((epoch, reader)) if *epoch == from.epoch => reader,
                other => &mut other.insert((from.epoch, LogReader::new(&self.hot, from.epoch))).1,
            };
            let entries = reader.read(&from.log_pos, ENTRIES_MAX, WAIT_MS).await?;
            self.ahead = Ahead { epoch: from.epoch, after: from.log_pos.clone(), entries: entries.into() };
        }
        Ok(self.ahead.cut(&self.pool_id, from, self.claims_max))
    }
}

impl Ahead {
    /// Takes what fits into a transaction, up to a gap. An entry without a number was not written by a script: it is taken,
    /// to be set aside, and counts for nothing.
    fn cut(&mut self, pool_id: &PoolId, from: Position, claims_max: usize) -> Next {
        let mut to = from.clone();
        let (mut taken, mut claims) = (Vec::new(), 0);
        while let Some(entry) = self.entries.front() {
            let found = entry.n.unwrap_or(to.log_n);
            if entry.n.is_some() && found != to.log_n + 1 {
                if taken.is_empty() {
                    return Next::Gap { expected: to.log_n + 1, found };
                }
                break;
            }
            let decisions = if entry.n.is_some() { sense::decisions(entry) } else { 0 };
            if !taken.is_empty() && claims + decisions > claims_max {
                break;
            }
            claims += decisions;
            to.log_n = found;
            if let Some(Entry { id, fields, kind, .. }) = self.entries.pop_front() {
                to.log_pos.clone_from(&id);
                taken.push(ledger::Entry { id, raw: fields, what: sense::what(kind) });
            }
        }
        if taken.is_empty() {
            return Next::Nothing;
        }
        to.claims_written += i64::try_from(claims).unwrap_or(i64::MAX);
        self.after.clone_from(&to.log_pos);
        Next::Batch(Batch { pool_id: pool_id.clone(), from, to, entries: taken })
    }
}
