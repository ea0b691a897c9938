//! The one place that reads the system clock. Everything else is given the time.

use chrono::{DateTime, Utc};

/// Milliseconds since the Unix epoch.
pub type UnixMs = i64;

/// Now, for log lines, token lifetimes and display. No claim is ever decided by it: only Redis `TIME` counts there.
#[expect(clippy::disallowed_methods, reason = "this is the file that the lint points to")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

pub fn now_ms() -> UnixMs {
    now().timestamp_millis()
}

/// A time of the wire or of Redis as a time of Postgres; out of range (the year 262,000) falls to the epoch's start.
pub fn from_ms(at_ms: UnixMs) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::UNIX_EPOCH)
}
