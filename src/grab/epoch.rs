//! What a node believes of a pool: its epoch, and how far Redis' clock is from ours. Both are only beliefs; the script
//! checks the first and corrects the second with every reply.

use super::in_flight::InFlight;
use crate::domain::{
    clock::{self, UnixMs},
    ids::{ClaimId, RoundId},
};
use crate::hot::{HotError, HotPool};
use std::sync::atomic::{AtomicI64, Ordering};

/// A call that reaches Redis later than this decides nothing. Long enough for a slow moment, short enough that an
/// unknown outcome is settled soon.
const CALL_LIFE_MS: i64 = 2_000;

pub(super) struct PoolView {
    hot: HotPool,
    epoch: AtomicI64,
    /// Redis' clock minus ours.
    offset_ms: AtomicI64,
    pub(super) in_flight: InFlight,
}

impl PoolView {
    pub(super) fn new(hot: HotPool, epoch: i64) -> Self {
        Self { hot, epoch: AtomicI64::new(epoch), offset_ms: AtomicI64::new(0), in_flight: InFlight::default() }
    }

    pub(super) fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Relaxed)
    }

    pub(super) fn set_epoch(&self, epoch: i64) {
        self.epoch.store(epoch, Ordering::Relaxed);
    }

    /// Learns from a reply what time it is at Redis.
    pub(super) fn observe(&self, redis_now_ms: UnixMs) {
        self.offset_ms.store(redis_now_ms - clock::now_ms(), Ordering::Relaxed);
    }

    /// What time it is at Redis, as far as this node knows.
    pub(super) fn redis_now_ms(&self) -> UnixMs {
        clock::now_ms() + self.offset_ms.load(Ordering::Relaxed)
    }

    /// The last moment, by Redis' clock, at which a call sent now may still decide.
    pub(super) fn deadline_ms(&self) -> UnixMs {
        self.redis_now_ms() + CALL_LIFE_MS
    }

    /// Whether a "not decided" that Redis gave at `now_ms` may be passed on.
    pub(super) fn is_final(&self, claim_id: ClaimId, now_ms: UnixMs) -> bool {
        !self.in_flight.may_decide(claim_id, now_ms)
    }

    pub(super) async fn verdict(&self, round_id: RoundId, claim_id: ClaimId) -> Result<Option<String>, HotError> {
        self.hot.verdict(round_id, claim_id).await
    }
}
