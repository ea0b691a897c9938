//! How a loop bears a database (or a Redis) that fails: it tries for ever, waits a little longer each time, and says once
//! what is wrong, not at every try.

use super::Error;
use std::{borrow::Cow, fmt::Display, time::Duration};

const WAIT_MIN: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The trouble that one loop is in.
#[derive(Debug, Default)]
pub struct Trouble {
    /// What was logged last; `None` while all is well.
    kind: Option<Cow<'static, str>>,
    wait: Duration,
}

impl Trouble {
    /// Notes a failure and says how long to wait before the next try. `doing` is what failed; `kind` groups errors that
    /// mean the same to an operator.
    pub fn note(&mut self, doing: &'static str, kind: impl Into<Cow<'static, str>>, error: &impl Display) -> Duration {
        let kind = kind.into();
        if self.kind.as_ref() != Some(&kind) {
            tracing::error!(doing, %kind, %error, "failed; trying again until it does not");
            self.kind = Some(kind);
        }
        self.wait = (self.wait * 2).clamp(WAIT_MIN, WAIT_MAX);
        self.wait
    }

    /// Notes a success.
    pub fn over(&mut self, doing: &'static str) {
        if self.kind.take().is_some() {
            tracing::info!(doing, "works again");
        }
        self.wait = Duration::ZERO;
    }
}

/// The kind of a database error: Postgres' own code, else the sort of failure.
pub fn kind(error: &Error) -> Cow<'static, str> {
    match error {
        Error::Database(database) => {
            database.code().map_or(Cow::Borrowed("database"), |code| Cow::Owned(code.into_owned()))
        }
        Error::Io(_) => "connection".into(),
        Error::PoolTimedOut => "no_free_connection".into(),
        Error::PoolClosed => "closed".into(),
        Error::RowNotFound => "row_not_found".into(),
        Error::ColumnDecode { .. } | Error::Decode(_) => "unreadable_row".into(),
        _ => "other".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_cap_and_begin_anew_after_a_success() {
        let mut trouble = Trouble::default();
        let waits: Vec<_> = (0..8).map(|_| trouble.note("testing", "slow", &"too slow")).collect();
        assert_eq!((waits[0], waits[1], waits[7]), (WAIT_MIN, WAIT_MIN * 2, WAIT_MAX));
        trouble.over("testing");
        assert_eq!(trouble.note("testing", "slow", &"too slow"), WAIT_MIN);
    }

    #[test]
    fn kinds_tell_a_lost_connection_from_a_full_pool() {
        assert_eq!(kind(&Error::RowNotFound), "row_not_found");
        assert_ne!(kind(&Error::PoolTimedOut), kind(&Error::Io(std::io::ErrorKind::BrokenPipe.into())));
    }
}
