//! One claim loop: takes whatever has arrived while it was busy, groups it by round, and settles group after group.

use super::{Job, call, epoch::PoolView};
use crate::domain::ids::RoundId;
use crate::hot::HotPool;
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// Claims a call, at most: 64 winners hold Redis for about half a millisecond, and more gain little.
const BATCH_MAX: usize = 64;

pub(super) struct ClaimLoop {
    pub(super) hot: HotPool,
    /// Shared by the loops: whoever is idle takes what is there.
    pub(super) queue: Arc<Mutex<mpsc::Receiver<Job>>>,
    pub(super) view: Arc<PoolView>,
    pub(super) backlog_max: i64,
}

impl ClaimLoop {
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut line = call::Line::new(self.hot.clone(), Arc::clone(&self.view), self.backlog_max);
        let mut jobs = Vec::with_capacity(BATCH_MAX);
        loop {
            let taken = tokio::select! {
                biased;
                taken = async { self.queue.lock().await.recv_many(&mut jobs, BATCH_MAX).await } => taken,
                () = stop.cancelled() => return,
            };
            if taken == 0 {
                return;
            }
            metrics::histogram!("grab_batch_claims").record(u32::try_from(taken).unwrap_or(u32::MAX));
            let mut by_round = BTreeMap::<RoundId, Vec<Job>>::new();
            for job in jobs.drain(..) {
                by_round.entry(job.claim.round_id).or_default().push(job);
            }
            for (round_id, group) in by_round {
                line.settle(round_id, group, &stop).await;
            }
        }
    }
}
