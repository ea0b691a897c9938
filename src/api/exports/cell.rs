//! A cell of an exported list, and how people read it.

use crate::domain::lang::Lang;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Somebody's own words: never a formula, whatever they begin with.
    Text(String),
    /// Ours: Chinese, English.
    Words([&'static str; 2]),
    Whole(i64),
    Cents(i64),
    Time(DateTime<Utc>),
    Day(NaiveDate),
    Nothing,
}

impl Cell {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn yes_or_no(yes: bool) -> Self {
        Self::Words(if yes { ["是", "yes"] } else { ["否", "no"] })
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

impl From<DateTime<Utc>> for Cell {
    fn from(at: DateTime<Utc>) -> Self {
        Self::Time(at)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

/// One column of a list: its head, Chinese and English, and what a row says in it.
pub struct Column<R> {
    pub head: [&'static str; 2],
    pub cell: fn(&R) -> Cell,
}

/// Rows that know their columns.
pub trait Columns: Sized + 'static {
    const COLUMNS: &'static [Column<Self>];
}

/// For whom it is written.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pub lang: Lang,
    /// The chain's own.
    pub time_zone: Tz,
}

impl Reader {
    pub fn words(self, [zh, en]: [&'static str; 2]) -> &'static str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// ISO 8601 on the chain's clock, with its distance from UTC.
    pub fn time(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.time_zone).to_rfc3339_opts(SecondsFormat::Millis, false)
    }
}

/// `12.50`, without a sign of currency.
pub fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_decimal_and_times_stand_on_the_chains_clock() {
        for (cents, text) in [(0, "0.00"), (5, "0.05"), (123_450, "1234.50"), (-5, "-0.05")] {
            assert_eq!(money(cents), text);
        }
        let reader = Reader { lang: Lang::En, time_zone: chrono_tz::Asia::Shanghai };
        let at = DateTime::from_timestamp_millis(1_795_312_800_123).expect("a time");
        assert_eq!(reader.time(at), "2026-11-22T10:00:00.123+08:00");
    }
}
