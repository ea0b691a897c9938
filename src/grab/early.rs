//! Rule R7: more than 20 early claims in 10 seconds close the door for 5 seconds. Pure; the time is a parameter.

use crate::domain::clock::UnixMs;

const WINDOW_MS: i64 = 10_000;
const TAPS_MAX: u32 = 20;
const BLOCK_MS: i64 = 5_000;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct EarlyTaps {
    window_from_ms: UnixMs,
    taps: u32,
    blocked_until_ms: UnixMs,
}

impl EarlyTaps {
    pub(super) fn count(&mut self, now_ms: UnixMs) {
        if now_ms - self.window_from_ms >= WINDOW_MS {
            self.window_from_ms = now_ms;
            self.taps = 0;
        }
        self.taps += 1;
        if self.taps > TAPS_MAX {
            self.blocked_until_ms = now_ms + BLOCK_MS;
            self.taps = 0;
        }
    }

    pub(super) fn blocked_for_ms(&self, now_ms: UnixMs) -> Option<i64> {
        (now_ms < self.blocked_until_ms).then(|| self.blocked_until_ms - now_ms)
    }

    /// Nothing of it matters any more.
    pub(super) fn is_over(&self, now_ms: UnixMs) -> bool {
        now_ms >= self.blocked_until_ms && now_ms - self.window_from_ms >= WINDOW_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_first_early_tap_in_ten_seconds_closes_the_door_for_five() {
        let mut taps = EarlyTaps::default();
        for i in 0..20 {
            taps.count(100_000 + i);
        }
        assert_eq!(taps.blocked_for_ms(100_100), None);
        taps.count(100_200);
        assert_eq!(taps.blocked_for_ms(100_200), Some(5_000));
        assert_eq!(taps.blocked_for_ms(105_200), None);
    }

    #[test]
    fn patient_early_taps_are_never_punished() {
        let mut taps = EarlyTaps::default();
        for i in 0..200 {
            taps.count(100_000 + i * 600);
            assert_eq!(taps.blocked_for_ms(100_000 + i * 600), None);
        }
    }
}
