//! How many sockets a node opens in a second. When a node dies its sessions all come at once; those beyond the rate are
//! told before the upgrade when to come back, each at another time.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::num::NonZeroU32;

const BACK_AFTER_MS: i64 = 1_000;
const BACK_SPREAD_MS: i64 = 2_000;

pub struct Admission(DefaultDirectRateLimiter);

impl Admission {
    /// As many also at once.
    pub fn new(handshakes_per_s: NonZeroU32) -> Self {
        Self(RateLimiter::direct(Quota::per_second(handshakes_per_s)))
    }

    /// `Err` with the time after which to come back.
    pub fn admit(&self) -> Result<(), i64> {
        self.0.check().map_err(|_| {
            metrics::counter!("ws_handshakes_refused_total").increment(1);
            BACK_AFTER_MS + rand::random_range(0..BACK_SPREAD_MS)
        })
    }
}
