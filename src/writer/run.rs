//! The writer's loop: hold the lease, step, and bear whatever fails until it does not.

use super::{Error, Step, Writer};
use crate::storage::{
    leases,
    trouble::{self, Trouble},
};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const LEASE: Duration = Duration::from_millis(2_000);
/// Prolonged well before it ends.
const LEASE_RENEWED: Duration = Duration::from_millis(600);
/// How often a writer without the lease looks whether it is free.
const LEASE_TRIED: Duration = Duration::from_millis(250);
/// A gap stays until the pool is recovered.
const GAP_PAUSE: Duration = Duration::from_millis(500);

impl Writer {
    /// Steps until told to stop. Two loops at once do no harm, only work that is thrown away: the lease saves that.
    pub async fn run(mut self, stop: CancellationToken) {
        let (name, holder) = (format!("writer:{}", self.pool_id), Uuid::now_v7());
        let mut held: Option<Instant> = None;
        let mut trouble = Trouble::default();
        let mut gap = None;
        while !stop.is_cancelled() {
            if held.is_none_or(|since| since.elapsed() >= LEASE_RENEWED) {
                match self.hold(&name, holder).await {
                    Ok(true) => held = Some(Instant::now()),
                    Ok(false) => {
                        held = None;
                        pause(&stop, LEASE_TRIED).await;
                        continue;
                    }
                    Err(error) => {
                        pause(&stop, note(&mut trouble, &error)).await;
                        continue;
                    }
                }
            }
            match self.step().await {
                Ok(Step::Gap { expected, found }) => {
                    if gap.replace(expected) != Some(expected) {
                        tracing::error!(pool = %self.pool_id, expected, found, "the log has lost entries: the pool must be recovered");
                        metrics::counter!("ledger_gaps_total").increment(1);
                    }
                    pause(&stop, GAP_PAUSE).await;
                }
                Ok(Step::Lost) => tracing::info!(pool = %self.pool_id, "the books have moved on; reading again"),
                Ok(Step::Idle | Step::Wrote { .. }) => {
                    gap = None;
                    trouble.over("writing the books");
                }
                Err(error) => {
                    pause(&stop, note(&mut trouble, &error)).await;
                }
            }
        }
        if held.is_some()
            && let Err(error) = self.let_go(&name, holder).await
        {
            tracing::debug!(%error, "the writer's lease was not given back; it runs out");
        }
    }

    async fn hold(&self, name: &str, holder: Uuid) -> Result<bool, Error> {
        let mut conn = self.db.0.acquire().await?;
        Ok(leases::hold(&mut conn, name, holder, LEASE).await?)
    }

    async fn let_go(&self, name: &str, holder: Uuid) -> Result<(), Error> {
        let mut conn = self.db.0.acquire().await?;
        Ok(leases::release(&mut conn, name, holder).await?)
    }
}

fn note(trouble: &mut Trouble, error: &Error) -> Duration {
    let kind = match error {
        Error::Database(database) => trouble::kind(database),
        Error::Hot(hot) => hot.kind().into(),
        Error::NoPool(_) => "no_pool".into(),
    };
    trouble.note("writing the books", kind, error)
}

async fn pause(stop: &CancellationToken, length: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(length) => {}
    }
}
