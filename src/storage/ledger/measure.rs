//! What the ledger costs: a made-up batch of winners, and its rows inserted bare as the reference. `graborder bench`
//! runs both by turns; nothing else calls this.

use super::{
    Batch, DecidedClaim, Entry, What,
    books::Books,
    decisions, orders,
    settle::{self, Settled},
    told,
};
use crate::{
    domain::{
        claim::Verdict,
        clock::UnixMs,
        ids::{ClaimId, LineId, PoolId, RoundId, StoreId, UserId},
    },
    storage::{
        Result,
        log_position::{Moment, Position},
        outbox, stock,
    },
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// Where the made-up winners win. The lines must hold enough.
#[derive(Clone, Debug)]
pub struct Scene {
    pub pool_id: PoolId,
    pub round_id: RoundId,
    pub stores: Vec<StoreId>,
    pub lines: Vec<LineId>,
    pub user_id: UserId,
}

impl Scene {
    /// A batch of so many claims that each win one unit of one line, 64 to an entry, as a full house makes them.
    pub fn batch(&self, from: Position, claims: usize, decided_ms: UnixMs) -> Batch {
        let decided: Vec<DecidedClaim> = (0..claims).filter_map(|i| self.win(i, &from, decided_ms)).collect();
        let mut to = from.clone();
        let entries = decided.chunks(64).map(|claims| {
            to.log_n += 1;
            let what = What::Claims { round_id: self.round_id, claims: claims.to_vec() };
            Entry { id: format!("{}-0", to.log_n), raw: Vec::new(), what }
        });
        let entries = entries.collect();
        to.log_pos = format!("{}-0", to.log_n);
        to.claims_written += i64::try_from(claims).unwrap_or(i64::MAX);
        Batch { pool_id: self.pool_id.clone(), from, to, entries }
    }

    fn win(&self, i: usize, from: &Position, decided_ms: UnixMs) -> Option<DecidedClaim> {
        let (store, line) = (self.stores[i % self.stores.len()], self.lines[i % self.lines.len()]);
        let (epoch, n) = (from.epoch, from.log_n + 1);
        let packed = format!("{i:032x}|{store}|{}|P|W||{decided_ms}|{epoch}|{n}|{line},1,1,", self.user_id);
        Some(DecidedClaim { claim_id: ClaimId::new(), verdict: Verdict::parse(&packed)?, packed })
    }
}

/// Rows of batches, written with nothing around them: no position, no locks, no levels, no sums, no numbers drawn.
pub struct Bare {
    /// Where its made-up numbers stand; they begin far above what is really given out.
    next: i64,
}

impl Default for Bare {
    fn default() -> Self {
        Self { next: 1 << 40 }
    }
}

/// The rows of one batch, ready to be inserted.
pub struct BareRows<'a> {
    pool_id: PoolId,
    settled: Settled<'a>,
    movements: Vec<stock::Movement>,
    numbers: orders::Numbers,
    told: Vec<outbox::NewRow>,
    seqs: HashMap<uuid::Uuid, i64>,
    first: i64,
}

impl Bare {
    /// Works out the rows; this is not what is measured.
    pub async fn prepare<'a>(&mut self, tx: &mut PgConnection, batch: &'a Batch) -> Result<BareRows<'a>> {
        let first = self.next;
        let mut books = Books::lock(tx, batch).await?;
        for round in books.rounds.values_mut() {
            round.chain_n = first;
        }
        let settled = settle::settle(batch, &mut books);
        let numbers = orders::Numbers::bare(first);
        let (at, day) = (DateTime::<Utc>::UNIX_EPOCH, DateTime::<Utc>::UNIX_EPOCH.date_naive());
        let told = told::rows(tx, &books, &settled, &numbers, Moment { at, day }).await?;
        let seqs = settled.claims.iter().map(|claim| (claim.decided.verdict.store_id.0, first)).collect();
        self.next += i64::try_from(told.len()).unwrap_or(i64::MAX);
        let movements = orders::movements(&settled);
        Ok(BareRows { pool_id: batch.pool_id.clone(), movements, settled, numbers, told, seqs, first })
    }
}

impl BareRows<'_> {
    /// One statement a table, like the ledger's own.
    pub async fn insert(self, tx: &mut PgConnection) -> Result<()> {
        decisions::write_claims(tx, &self.settled).await?;
        stock::write_movements(tx, &self.movements).await?;
        orders::write_rows(tx, &self.settled, &self.numbers).await?;
        outbox::write_rows(tx, &self.pool_id, self.first, &self.told, self.seqs).await
    }
}
