//! A token bucket for one session. Pure; the time is a parameter.

use crate::domain::clock::UnixMs;

#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    per_second: i64,
    /// Thousandths of a token.
    milli_tokens: i64,
    burst: i64,
    filled_ms: UnixMs,
}

impl Bucket {
    pub(super) fn new(per_second: i64, burst: i64, now_ms: UnixMs) -> Self {
        Self { per_second, milli_tokens: burst * 1000, burst, filled_ms: now_ms }
    }

    /// Takes one token, or says after how many milliseconds there will be one.
    pub(super) fn take(&mut self, now_ms: UnixMs) -> Result<(), i64> {
        let passed_ms = (now_ms - self.filled_ms).max(0);
        self.filled_ms = self.filled_ms.max(now_ms);
        self.milli_tokens = (self.milli_tokens + passed_ms.saturating_mul(self.per_second)).min(self.burst * 1000);
        if self.milli_tokens >= 1000 {
            self.milli_tokens -= 1000;
            Ok(())
        } else {
            Err((1000 - self.milli_tokens).div_euclid(self.per_second) + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bucket;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let mut bucket = Bucket::new(5, 5, 1_000);
        let passed = (0..1_000).filter(|_| bucket.take(1_000).is_ok()).count();
        assert_eq!(passed, 5);
        assert_eq!(bucket.take(1_000), Err(201));
        assert_eq!(bucket.take(1_200), Ok(()));
        // A clock that goes back gives nothing.
        assert!(bucket.take(0).is_err());
    }
}
