//! How often a store may ask. A bucket of some claims a second, and rule R7 for people who cannot
//! wait for the opening: a clerk who taps too early does not keep the colleague out.

use super::early::EarlyTaps;
use crate::domain::{
    clock::UnixMs,
    ids::{StoreId, UserId},
};
use governor::{Quota, RateLimiter, clock::Clock, clock::DefaultClock, state::keyed::DefaultKeyedStateStore};
use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
};

pub(super) struct StoreLimits {
    buckets: RateLimiter<StoreId, DefaultKeyedStateStore<StoreId>, DefaultClock>,
    /// Only people who tapped early lately stand here.
    early: Mutex<HashMap<UserId, EarlyTaps>>,
}

impl StoreLimits {
    pub(super) fn new(claims_per_s: u32) -> Self {
        let claims_per_s = NonZeroU32::new(claims_per_s).unwrap_or(NonZeroU32::MIN);
        Self { buckets: RateLimiter::keyed(Quota::per_second(claims_per_s)), early: Mutex::default() }
    }

    /// Lets the claim through, or says after how many milliseconds to come back.
    pub(super) fn admit(&self, store_id: StoreId, user_id: UserId, now_ms: UnixMs) -> Result<(), i64> {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taps) = early.get(&user_id) {
            if let Some(wait_ms) = taps.blocked_for_ms(now_ms) {
                return Err(wait_ms);
            }
            if taps.is_over(now_ms) {
                early.remove(&user_id);
            }
        }
        drop(early);
        self.buckets.check_key(&store_id).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).max(1)
        })
    }

    /// Counts a claim that came before its round opened.
    pub(super) fn early(&self, user_id: UserId, now_ms: UnixMs) {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        early.entry(user_id).or_default().count(now_ms);
    }
}
