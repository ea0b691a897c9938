//! Settling one group of claims: call, and call again under the same ids, until each has an answer that may be passed on.
//!
//! A call may outlive its answer: it can time out here and still be executed later. So after an unknown outcome only two
//! kinds of answer count: a decision, or a "not decided" that the blessed server gave after the unknown call's deadline
//! had passed, because from then on that call can decide nothing any more.

use super::{Answer, GrabError, Job, epoch::PoolView};
use crate::domain::{
    claim::{Claim, ClaimOutcome},
    clock::UnixMs,
    ids::RoundId,
};
use crate::hot::{ClaimAnswer, ClaimReply, Claimer, HotError, HotPool};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// Between two looks at a claim whose lost call may still be on its way.
const UNKNOWN_PAUSE: Duration = Duration::from_millis(25);
const FENCED_PAUSE: Duration = Duration::from_millis(50);
const BACK_OFF_MIN: Duration = Duration::from_millis(20);
const BACK_OFF_MAX: Duration = Duration::from_millis(500);
/// A reply that cannot be read this often in a row will not become readable.
const CORRUPT_MAX: u32 = 3;

/// One connection to Redis and what belongs to it.
pub(super) struct Line {
    hot: HotPool,
    view: Arc<PoolView>,
    backlog_max: i64,
    claimer: Option<Claimer>,
}

impl Line {
    pub(super) fn new(hot: HotPool, view: Arc<PoolView>, backlog_max: i64) -> Self {
        Self { hot, view, backlog_max, claimer: None }
    }

    /// Calls until every job is answered, its client has gone, or the node stops. A batch whose call failed as a whole goes
    /// on claim by claim, so that a claim that breaks the call breaks only its own.
    pub(super) async fn settle(&mut self, round_id: RoundId, group: Vec<Job>, stop: &CancellationToken) {
        let mut groups = VecDeque::from([group]);
        let mut back_off = BACK_OFF_MIN;
        while let Some(mut jobs) = groups.pop_front() {
            // A client that no longer waits will ask again under the same id.
            jobs.retain(|job| !job.answer.is_closed());
            if jobs.is_empty() {
                continue;
            }
            if stop.is_cancelled() {
                return;
            }
            match self.call(round_id, &jobs).await {
                Ok(ClaimReply::Ok { now_ms, replies }) => {
                    self.view.observe(now_ms);
                    back_off = BACK_OFF_MIN;
                    let open = answer(&self.view, jobs, replies, now_ms);
                    if !open.is_empty() {
                        tokio::time::sleep(UNKNOWN_PAUSE).await;
                        groups.push_back(open);
                    }
                }
                Ok(ClaimReply::Unknown { now_ms }) => {
                    self.view.observe(now_ms);
                    let (open, settled): (Vec<_>, Vec<_>) =
                        jobs.into_iter().partition(|job: &Job| !self.view.is_final(job.claim.claim_id, now_ms));
                    for job in settled {
                        // A receiver that has gone will ask again.
                        let _gone = job.answer.send(Answer::Absent { now_ms });
                    }
                    if !open.is_empty() {
                        tokio::time::sleep(UNKNOWN_PAUSE).await;
                        groups.push_back(open);
                    }
                }
                Ok(ClaimReply::Stale { now_ms }) => {
                    self.view.observe(now_ms);
                    groups.push_back(jobs);
                }
                Ok(ClaimReply::Epoch(epoch)) => {
                    self.view.set_epoch(epoch);
                    tokio::time::sleep(UNKNOWN_PAUSE).await;
                    groups.push_back(jobs);
                }
                Ok(ClaimReply::Fenced) => {
                    metrics::counter!("grab_fenced_total").increment(1);
                    tokio::time::sleep(FENCED_PAUSE).await;
                    groups.push_back(jobs);
                }
                Err(error) => {
                    metrics::counter!("grab_call_errors_total", "kind" => error.kind()).increment(1);
                    tracing::warn!(%error, claims = jobs.len(), "a claim call failed");
                    // A connection that failed is not trusted again.
                    self.claimer = None;
                    groups.extend(after_error(jobs, &error));
                    tokio::time::sleep(back_off).await;
                    back_off = (back_off * 2).min(BACK_OFF_MAX);
                }
            }
        }
    }

    /// One round trip. Until Redis has answered, every claim in it counts as one that may still be decided.
    async fn call(&mut self, round_id: RoundId, jobs: &[Job]) -> Result<ClaimReply, HotError> {
        let claimer = match &mut self.claimer {
            Some(claimer) => claimer,
            none => none.insert(self.hot.claimer().await?),
        };
        let claims: Vec<&Claim> = jobs.iter().map(|job| &job.claim).collect();
        let ids = || jobs.iter().map(|job| job.claim.claim_id);
        let deadline_ms = self.view.deadline_ms();
        let (in_flight, started) = (&self.view.in_flight, Instant::now());
        let call = in_flight.begin(ids(), deadline_ms);
        let reply = claimer.claim(self.view.epoch(), deadline_ms, self.backlog_max, round_id, &claims).await;
        match &reply {
            Ok(_) | Err(HotError::NotExecuted(_)) => in_flight.over(call, ids()),
            Err(_) => in_flight.lost(call, ids().collect(), deadline_ms, self.view.redis_now_ms()),
        }
        metrics::histogram!("redis_script_seconds", "script" => "claim").record(started.elapsed());
        reply
    }
}

/// Passes on what may be passed on and returns the jobs whose "not decided" does not count yet.
fn answer(view: &PoolView, jobs: Vec<Job>, replies: Vec<ClaimAnswer>, now_ms: UnixMs) -> Vec<Job> {
    let mut open = Vec::new();
    for (job, reply) in jobs.into_iter().zip(replies) {
        match reply {
            ClaimAnswer::Decided(verdict) | ClaimAnswer::Known(verdict) => {
                pass(job, Ok(ClaimOutcome::Decided(verdict)))
            }
            // It ends the session and says nothing of the claim, so it need not wait for an older call.
            ClaimAnswer::SignedOut => pass(job, Err(GrabError::SignedOut)),
            ClaimAnswer::NotDecided(_) if !view.is_final(job.claim.claim_id, now_ms) => open.push(job),
            ClaimAnswer::NotDecided(reason) => pass(job, Ok(ClaimOutcome::NotDecided(reason))),
        }
    }
    open
}

/// What is still to be asked after a call failed as a whole.
fn after_error(mut jobs: Vec<Job>, error: &HotError) -> Vec<Vec<Job>> {
    if matches!(error, HotError::NotExecuted(_)) {
        return vec![jobs];
    }
    for job in &mut jobs {
        job.corrupt += u32::from(matches!(error, HotError::Corrupt(_)));
    }
    jobs.into_iter()
        .filter_map(|job| {
            if job.corrupt > CORRUPT_MAX {
                pass(job, Err(GrabError::Unavailable));
                None
            } else {
                Some(vec![job])
            }
        })
        .collect()
}

fn pass(job: Job, outcome: Result<ClaimOutcome, GrabError>) {
    let word = match &outcome {
        Ok(ClaimOutcome::Decided(verdict)) => verdict.reason.map_or("won", |reason| reason.code()),
        Ok(ClaimOutcome::NotDecided(reason)) => reason.code(),
        Err(GrabError::SignedOut) => "signed_out",
        Err(_) => "unavailable",
    };
    metrics::counter!("grab_requests_total", "outcome" => word).increment(1);
    // A receiver that has gone is no loss: the verdict stands under its id.
    let _gone = job.answer.send(Answer::Outcome(outcome));
}
