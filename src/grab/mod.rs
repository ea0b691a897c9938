//! The hot path: a claim goes into a queue, a few loops carry whatever has arrived to Redis, one round trip decides.
//!
//! Only Lua decides. Nothing here reads a key in order to decide, and nothing waits while Redis is idle.

mod absent;
mod call;
mod claim_loop;
mod early;
mod epoch;
mod in_flight;
mod limits;

use crate::domain::{
    claim::{Claim, ClaimOutcome, Verdict},
    clock::UnixMs,
    ids::{ClaimId, PoolId, RoundId, StoreId},
    reason::Reason,
};
use crate::hot::{Hot, HotError};
use epoch::PoolView;
use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Claims that may wait for a loop: at 100,000 a second that is 80 ms; beyond it the answer is `overloaded`.
const QUEUE_MAX: usize = 8192;
/// After this long without an answer the client is told to send the same id again. Silence must stay below 30 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// Settings of the hot path.
#[derive(Clone, Copy, Debug, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct GrabConfig {
    /// Loops a pool, each with a connection of its own: two to four keep Redis always busy.
    pub loops: usize,
    /// Decisions that may wait for the ledger before new claims are answered `overloaded`.
    pub backlog_max: i64,
    /// Claims a second from one session, and from one store over all its sessions of a node.
    pub session_claims_per_s: u32,
    pub store_claims_per_s: u32,
}

/// The machinery failed; losing is not among these.
#[derive(Debug, thiserror::Error)]
pub enum GrabError {
    /// The outcome is unknown: the same id must be sent again.
    #[error("no answer in time; send the same claim id again")]
    Unavailable,
    /// The user was changed since the claim's session signed in: this call decided nothing. Whoever signs in again asks
    /// under the same id.
    #[error("the user was changed; sign in again")]
    SignedOut,
    #[error("pool {0} is not served here")]
    UnknownPool(PoolId),
    #[error("the books could not be read: {0}")]
    Lookup(String),
}

/// What the books know of a claim whose round Redis does not hold: not loaded yet, or archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Decided while the round was live: its packed verdict.
    Verdict(String),
    /// The round exists, the claim does not.
    Round {
        opens_at_ms: UnixMs,
        closes_at_ms: UnixMs,
    },
    Nothing,
}

/// Asks the books; filled by `app` from Postgres, because the hot path knows no Postgres.
pub type Lookup =
    Arc<dyn Fn(RoundId, ClaimId) -> Pin<Box<dyn Future<Output = Result<Looked, String>> + Send>> + Send + Sync>;

/// A claim on its way, with the place where its answer goes.
struct Job {
    claim: Claim,
    answer: oneshot::Sender<Answer>,
    /// Replies in a row that could not be read.
    corrupt: u32,
}

/// What a loop found out.
enum Answer {
    Outcome(Result<ClaimOutcome, GrabError>),
    /// Redis does not hold the round: the books know more, and they are asked outside the loops, so that slow books never
    /// hold up a live round.
    Absent {
        now_ms: UnixMs,
    },
}

#[derive(Clone)]
pub struct Grab {
    pools: Arc<HashMap<PoolId, Pool>>,
    limits: Arc<limits::StoreLimits>,
    session_claims_per_s: u32,
    lookup: Lookup,
}

struct Pool {
    jobs: mpsc::Sender<Job>,
    view: Arc<PoolView>,
}

/// A loop to be spawned by `app`; ends when stopped, after what it holds is answered.
pub type LoopFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Grab {
    /// Builds the queues and returns the loops that serve them.
    pub async fn new(
        hot: &Hot,
        pools: &[PoolId],
        config: GrabConfig,
        lookup: Lookup,
        stop: CancellationToken,
    ) -> Result<(Self, Vec<LoopFuture>), HotError> {
        let mut served = HashMap::new();
        let mut loops: Vec<LoopFuture> = Vec::new();
        for pool in pools {
            let hot = hot.pool(pool);
            let view = Arc::new(PoolView::new(hot.clone(), hot.head().await?.epoch));
            // Deadlines are in Redis' time from the first call on.
            view.observe(hot.now_ms().await?);
            let (jobs, queue) = mpsc::channel(QUEUE_MAX);
            let queue = Arc::new(tokio::sync::Mutex::new(queue));
            for _ in 0..config.loops.max(1) {
                let one = claim_loop::ClaimLoop {
                    hot: hot.clone(),
                    queue: Arc::clone(&queue),
                    view: Arc::clone(&view),
                    backlog_max: config.backlog_max,
                };
                loops.push(Box::pin(one.run(stop.clone())));
            }
            served.insert(pool.clone(), Pool { jobs, view });
        }
        let limits = Arc::new(limits::StoreLimits::new(config.store_claims_per_s));
        let session_claims_per_s = config.session_claims_per_s;
        Ok((Self { pools: Arc::new(served), limits, session_claims_per_s, lookup }, loops))
    }

    /// How often a session may claim; the session itself counts.
    pub fn session_claims_per_s(&self) -> u32 {
        self.session_claims_per_s
    }

    /// Decides a claim, or says why nothing was decided.
    pub async fn claim(&self, pool: &PoolId, claim: Claim, now_ms: UnixMs) -> Result<ClaimOutcome, GrabError> {
        let served = self.pools.get(pool).ok_or_else(|| GrabError::UnknownPool(pool.clone()))?;
        let (store_id, user_id) = (claim.store_id, claim.user_id);
        if let Err(retry_after_ms) = self.limits.admit(store_id, user_id, now_ms) {
            return Ok(ClaimOutcome::NotDecided(Reason::TooFast { retry_after_ms }));
        }
        let (ids, body_hash) = ((claim.round_id, claim.claim_id), claim.body_hash());
        let (answer, verdict) = oneshot::channel();
        match served.jobs.try_send(Job { claim, answer, corrupt: 0 }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => {
                return Ok(ClaimOutcome::NotDecided(Reason::Overloaded { retry_after_ms: 1000 }));
            }
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(GrabError::Unavailable),
        }
        let outcome = match tokio::time::timeout(PATIENCE, verdict).await {
            Ok(Ok(Answer::Outcome(outcome))) => outcome?,
            Ok(Ok(Answer::Absent { now_ms })) => absent::look_up(&self.lookup, ids, &body_hash, now_ms).await?,
            // The loop keeps trying; the client's next try of the same id gets the verdict, whatever it was.
            Ok(Err(_)) | Err(_) => return Err(GrabError::Unavailable),
        };
        if let ClaimOutcome::NotDecided(Reason::NotOpen { recv_at_ms, opens_at_ms, .. }) = outcome
            && recv_at_ms < opens_at_ms
        {
            self.limits.early(user_id, now_ms);
        }
        Ok(outcome)
    }

    /// The verdict on an id, if it was decided: from Redis while the round is there, else from the books.
    pub async fn status(
        &self,
        pool: &PoolId,
        round_id: RoundId,
        claim_id: ClaimId,
        store_id: StoreId,
    ) -> Result<Option<Verdict>, GrabError> {
        let served = self.pools.get(pool).ok_or_else(|| GrabError::UnknownPool(pool.clone()))?;
        let packed = match served.view.verdict(round_id, claim_id).await {
            Ok(Some(packed)) => Some(packed),
            Ok(None) => match (self.lookup)(round_id, claim_id).await.map_err(GrabError::Lookup)? {
                Looked::Verdict(packed) => Some(packed),
                Looked::Round { .. } | Looked::Nothing => None,
            },
            Err(error) => {
                tracing::warn!(%error, "a verdict could not be read from Redis");
                return Err(GrabError::Unavailable);
            }
        };
        let verdict = packed.as_deref().map(|text| {
            Verdict::parse(text).ok_or_else(|| GrabError::Lookup(format!("unreadable verdict of claim {claim_id}")))
        });
        // Another store's claim is no more visible than one that does not exist.
        Ok(verdict.transpose()?.filter(|verdict| verdict.store_id == store_id))
    }
}
