//! How a loop bears a database that fails: it tries for ever, waits a little longer each time, and says once what is
//! wrong, not at every try.

use super::Error;
use std::time::Duration;

const WAIT_MIN: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(2);

/// The trouble that one loop is in.
#[derive(Debug, Default)]
pub struct Trouble {
    /// What was logged last; `None` while all is well.
    kind: Option<String>,
    wait: Duration,
}

impl Trouble {
    /// Notes a failure and says how long to wait before the next try. `doing` is what failed, for the log.
    pub fn note(&mut self, doing: &'static str, error: &Error) -> Duration {
        let kind = kind(error);
        if self.kind.as_ref() != Some(&kind) {
            tracing::error!(doing, kind, %error, "the database refuses; trying again until it does not");
            self.kind = Some(kind);
        }
        self.wait = (self.wait * 2).clamp(WAIT_MIN, WAIT_MAX);
        self.wait
    }

    /// Notes a success.
    pub fn over(&mut self, doing: &'static str) {
        if self.kind.take().is_some() {
            tracing::info!(doing, "the database answers again");
        }
        self.wait = Duration::ZERO;
    }
}

/// Groups errors that mean the same to an operator: Postgres' own code, else the sort of failure.
fn kind(error: &Error) -> String {
    match error {
        Error::Database(database) => database.code().map_or_else(|| "database".to_owned(), |code| code.into_owned()),
        Error::Io(_) => "connection".to_owned(),
        Error::PoolTimedOut => "no free connection".to_owned(),
        other => format!("{other:?}").split(['(', ' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_cap_and_begin_anew_after_a_success() {
        let mut trouble = Trouble::default();
        let waits: Vec<_> = (0..8).map(|_| trouble.note("testing", &Error::PoolTimedOut)).collect();
        assert_eq!((waits[0], waits[1], waits[7]), (WAIT_MIN, WAIT_MIN * 2, WAIT_MAX));
        trouble.over("testing");
        assert_eq!(trouble.note("testing", &Error::PoolTimedOut), WAIT_MIN);
    }

    #[test]
    fn kinds_tell_a_lost_connection_from_a_full_pool() {
        assert_eq!(kind(&Error::RowNotFound), "RowNotFound");
        assert_ne!(kind(&Error::PoolTimedOut), kind(&Error::Io(std::io::ErrorKind::BrokenPipe.into())));
    }
}
