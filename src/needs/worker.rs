//! Computes runs, one at a time, for the whole chain. The lease `needs` saves work; correctness rests on the number of the
//! try, which every batch compares and sets in the transaction that writes it.

use super::{Error, Nightly, Result, chain::Chain};
use crate::{
    domain::{
        clock,
        ids::{NeedRunId, StoreId},
    },
    storage::{
        Db, Tx, leases, need, need_rows,
        need_runs::{self, Try},
        seed,
    },
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const PACE: Duration = Duration::from_secs(2);
/// Longer than the slowest statement may take.
const LEASE: Duration = Duration::from_secs(90);
/// Pairs of a batch: a transaction of a second, some megabytes in memory.
const BATCH_PAIRS: i64 = 20_000;
const CLEARED_AT_ONCE: i64 = 50_000;
const TRIES_MAX: i32 = 3;

pub struct Worker {
    db: Db,
    nightly: Option<Nightly>,
    holder: Uuid,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing is asked for, or somebody else is at it.
    Idle,
    Done(NeedRunId),
}

impl Worker {
    pub fn new(db: Db, nightly: Option<Nightly>) -> Self {
        Self { db, nightly, holder: Uuid::now_v7() }
    }

    /// Until it is told to stop; a run that is under way then is taken up by the next holder of the lease.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            if let Some(outcome) = stop.run_until_cancelled(self.step()).await
                && let Err(error) = outcome
            {
                metrics::counter!("need_run_errors_total").increment(1);
                tracing::error!(%error, "the needs could not be computed");
            }
            tokio::select! {
                () = tokio::time::sleep(PACE) => {}
                () = stop.cancelled() => break,
            }
        }
        if let Err(error) = self.release().await {
            tracing::debug!(%error, "the lease could not be given back; it ends by itself");
        }
    }

    /// Asks for the night's run if it is due, and computes what is asked for.
    pub async fn step(&self) -> Result<Step> {
        if let Some(nightly) = self.nightly {
            nightly.ask(&self.db, clock::now()).await?;
        }
        let waiting = need_runs::unfinished(&mut *self.db.0.acquire().await?).await?;
        let Some(waiting) = waiting else { return Ok(Step::Idle) };
        if !self.hold().await? {
            return Ok(Step::Idle);
        }
        let begun = need_runs::begin(&mut *self.db.0.acquire().await?, waiting.need_run_id).await?;
        let Some(run) = begun else { return Ok(Step::Idle) };
        match self.compute(run).await {
            Ok(()) => {}
            Err(Error::Overtaken) => return Err(Error::Overtaken),
            Err(error) => {
                need_runs::give_up(&mut *self.db.0.acquire().await?, run, TRIES_MAX).await?;
                return Err(error);
            }
        }
        self.clear_old().await?;
        self.release().await?;
        Ok(Step::Done(run.id))
    }

    async fn compute(&self, run: Try) -> Result<()> {
        // What an earlier try left, and what is older than the current run.
        self.clear_old().await?;
        let mut tx = Tx::begin(&self.db).await?;
        seed::take_time(&mut tx).await?;
        let as_of = need::last_day_of_sales(&mut tx).await?;
        let sold = need_rows::sold(&mut tx, as_of).await?;
        let chain = Chain::new(sold, need_rows::listed_stores(&mut tx).await?);
        let stores = need_rows::stores(&mut tx).await?;
        let pairs_total = stores.iter().map(|(_, pairs)| pairs).sum();
        let mine = need_runs::plan(&mut tx, run, as_of, pairs_total).await?;
        tx.commit().await?;
        if !mine {
            return Err(Error::Overtaken);
        }
        for batch in batches(&stores) {
            self.compute_batch(run, &chain, &batch).await?;
        }
        if !need_runs::finish(&mut *self.db.0.acquire().await?, run).await? {
            return Err(Error::Overtaken);
        }
        tracing::info!(need_run_id = %run.id, pairs = pairs_total, "needs computed");
        Ok(())
    }

    async fn compute_batch(&self, run: Try, chain: &Chain, stores: &[StoreId]) -> Result<()> {
        if !self.hold().await? {
            return Err(Error::Overtaken);
        }
        let mut tx = Tx::begin(&self.db).await?;
        let shelves = need_rows::shelves(&mut tx, stores).await?;
        let rows: Vec<_> = shelves.iter().map(|shelf| chain.row(shelf)).collect();
        let in_need = rows.iter().map(|row| i64::from(row.need.need_units > 0)).sum();
        let pairs = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        // First, so that a try which was overtaken waits for nothing and writes nothing.
        if !need_runs::count(&mut tx, run, pairs, in_need).await? {
            tx.rollback().await?;
            return Err(Error::Overtaken);
        }
        need_rows::write(&mut tx, run.run_no, &rows).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn hold(&self) -> Result<bool> {
        Ok(leases::hold(&mut *self.db.0.acquire().await?, "needs", self.holder, LEASE).await?)
    }

    async fn release(&self) -> Result<()> {
        Ok(leases::release(&mut *self.db.0.acquire().await?, "needs", self.holder).await?)
    }

    async fn clear_old(&self) -> Result<()> {
        let mut db = self.db.0.acquire().await?;
        while need_rows::clear_old(&mut db, CLEARED_AT_ONCE).await? > 0 {}
        Ok(())
    }
}

/// Whole stores, as many as fit; a store that lists more than fits stands alone.
fn batches(stores: &[(StoreId, i64)]) -> Vec<Vec<StoreId>> {
    let mut batches: Vec<Vec<StoreId>> = Vec::new();
    let mut filled = i64::MAX;
    for &(store_id, pairs) in stores {
        filled = filled.saturating_add(pairs);
        match batches.last_mut() {
            Some(batch) if filled <= BATCH_PAIRS => batch.push(store_id),
            _ => {
                batches.push(vec![store_id]);
                filled = pairs;
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_hold_whole_stores_and_every_store_once() {
        let stores: Vec<_> = [8_000, 8_000, 8_000, 30_000, 1, 19_999, 1].map(|pairs| (StoreId::new(), pairs)).into();
        let batches = batches(&stores);
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1, 2, 1]);
        assert_eq!(batches.concat(), stores.iter().map(|store| store.0).collect::<Vec<_>>());
    }
}
