//! When a night's run is due: once a chain-local day, from a time of day on. A node that was down at that time asks when
//! it is back; the books take only one a night.

use super::{Error, Result};
use crate::storage::{
    Db,
    need_runs::{self, Asked},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

/// The time of day, on the chain's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nightly(pub NaiveTime);

impl Nightly {
    /// `03:00`; an empty text is never. `None` is no time of day.
    pub fn parse(text: &str) -> Option<Option<Self>> {
        if text.is_empty() {
            return Some(None);
        }
        let whole = text.len() == 5;
        NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| whole).map(|time| Some(Self(time)))
    }

    /// The night whose hour has come. Clocks that are put forward skip no night: a later time of the same day counts.
    fn due(self, now: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
        let local = now.with_timezone(&zone).naive_local();
        (local.time() >= self.0).then_some(local.date())
    }

    /// Asks for the run of this night if it is due and nobody has. While another run goes on it waits.
    pub(super) async fn ask(self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let mut db = db.0.acquire().await?;
        let Some(name) = need_runs::time_zone(&mut db).await? else { return Ok(()) };
        let zone: Tz = name.parse().map_err(|_| Error::TimeZone(name))?;
        let Some(night) = self.due(now, zone) else { return Ok(()) };
        if !need_runs::had_night(&mut db, night).await?
            && let Some(id) = need_runs::ask(&mut db, Asked::Night(night)).await?
        {
            tracing::info!(need_run_id = %id, %night, "the night's needs are due");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_night_is_due_from_its_hour_on_by_the_chains_clock() {
        let three = Nightly::parse("03:00").expect("a time of day").expect("some");
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(three.due(at("2026-11-21T18:59:59Z"), zone), None);
        assert_eq!(three.due(at("2026-11-21T19:00:00Z"), zone), NaiveDate::from_ymd_opt(2026, 11, 22));
        assert_eq!(three.due(at("2026-11-22T15:59:59Z"), zone), NaiveDate::from_ymd_opt(2026, 11, 22));
        assert_eq!(three.due(at("2026-11-22T16:00:00Z"), zone), None);
    }

    #[test]
    fn the_hour_that_summer_time_skips_is_made_up_for() {
        let half_past_two = Nightly::parse("02:30").expect("a time of day").expect("some");
        // On this night 02:00 became 03:00.
        let due = half_past_two.due(at("2026-03-29T01:00:00Z"), chrono_tz::Europe::Berlin);
        assert_eq!(due, NaiveDate::from_ymd_opt(2026, 3, 29));
    }

    #[test]
    fn only_a_time_of_day_or_nothing_is_read() {
        assert_eq!(Nightly::parse(""), Some(None));
        for odd in ["3", "3:00", "24:00", "03:60", "03:00:00", " 03:00", "never"] {
            assert_eq!(Nightly::parse(odd), None, "{odd}");
        }
    }
}
