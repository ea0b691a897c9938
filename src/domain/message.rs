//! Messages that reach somebody whose page is closed, and what may stand in them.

use super::clock::UnixMs;
use chrono::DateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What a message is about. Each is sent only to who asked for it, once for each time of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Template {
    /// A round that the store is invited to opens in ten minutes.
    RoundReminder,
    /// What one claimed is ordered.
    ClaimResult,
}

impl Template {
    pub const ALL: [Self; 2] = [Self::RoundReminder, Self::ClaimResult];

    pub fn name(self) -> &'static str {
        match self {
            Self::RoundReminder => "round_reminder",
            Self::ClaimResult => "claim_result",
        }
    }
}

/// WeChat refuses a `thing` of more characters (47003).
const THING_CHARS_MAX: usize = 20;

/// A text as a `thing` of a template takes it.
pub fn thing(text: &str) -> String {
    if text.chars().count() <= THING_CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(THING_CHARS_MAX - 1).chain(['…']).collect()
}

/// A time as a `time` of a template takes it, on the chain's clock.
pub fn time(at_ms: UnixMs, zone: Tz) -> String {
    let at = DateTime::from_timestamp_millis(at_ms).unwrap_or(DateTime::UNIX_EPOCH);
    at.with_timezone(&zone).format("%Y年%-m月%-d日 %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_times_fit_into_what_wechat_takes() {
        assert_eq!(thing("周五新品"), "周五新品");
        let long = thing("一二三四五六七八九十一二三四五六七八九十一");
        assert_eq!((long.chars().count(), long.ends_with('…')), (20, true));
        assert_eq!(time(1_795_312_800_000, chrono_tz::Asia::Shanghai), "2026年11月22日 10:00");
    }
}
