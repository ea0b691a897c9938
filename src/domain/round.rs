//! A round and its life: which state may follow which, and by what.

use super::clock::UnixMs;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoundState {
    Draft,
    /// Hot, and somebody asked to publish it: a second person must agree. Nothing is pledged and no store knows of it.
    PendingApproval,
    /// Published: stock pledged, rules frozen, invitations out.
    Scheduled,
    /// Loaded into Redis, not yet armed.
    Warming,
    /// Armed: from `opens_at` on the script grants. Armed a moment ahead of it.
    Open,
    Paused,
    /// Closed in Redis; the ledger has seen the closing marker and returns what is left.
    Settling,
    Closed,
    Archived,
    Cancelled,
}

impl RoundState {
    /// The arrows of the state machine of INSTANT rounds.
    pub fn may_become(self, next: Self) -> bool {
        use RoundState::*;
        matches!(
            (self, next),
            (Draft | PendingApproval, Scheduled)
                | (Draft, PendingApproval)
                | (PendingApproval, Draft)
                | (Scheduled, Warming)
                | (Warming, Open)
                | (Open, Paused)
                | (Paused, Open)
                | (Open | Paused, Settling)
                | (Settling, Closed)
                | (Closed, Archived)
                | (Draft | PendingApproval | Scheduled | Warming, Cancelled)
        )
    }

    /// Stores were told of it.
    pub fn is_public(self) -> bool {
        !matches!(self, Self::Draft | Self::PendingApproval)
    }

    /// Its claims are decided in Redis.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Warming | Self::Open | Self::Paused)
    }
}

/// What headquarters may ask of a live round. Intents are numbered per round; one not above the last applied is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Intent {
    Open,
    /// A latch: only a resume that names it lifts it.
    Pause,
    Resume {
        pause_no: i64,
    },
    /// The new planned closing time, before shifts.
    Extend {
        closes_at_ms: UnixMs,
    },
    /// Close now, whatever the time.
    Stop,
    /// Close because the time has come; the script checks that it has.
    Close,
}

/// The rules that a round copies and freezes at publish. Quantities are base units; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Percent of need that a store may take of a line (R4 `factor`).
    pub need_percent: i64,
    /// What a store without need may take of a line.
    pub cap_no_need: i64,
    /// A store whose net stock has reached this percent of its target is refused (E07); `None` lets it in.
    pub gate_percent: Option<i64>,
    /// A store over the whole round, day, period.
    pub cap_round: Option<i64>,
    pub cap_day: Option<i64>,
    pub cap_period: Option<i64>,
    /// Length of the period in days, counted from 1970-01-01 in the chain's time zone.
    pub period_days: i64,
    /// Days from the opening day to the promised delivery.
    pub deliver_in_days: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            need_percent: 100,
            cap_no_need: 0,
            gate_percent: Some(100),
            cap_round: None,
            cap_day: None,
            cap_period: None,
            period_days: 7,
            deliver_in_days: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RoundState::{self, *};

    #[test]
    fn a_round_ends_once_and_never_comes_back() {
        let all = [Draft, PendingApproval, Scheduled, Warming, Open, Paused, Settling, Closed, Archived, Cancelled];
        for next in all {
            assert!(!Archived.may_become(next) && !Cancelled.may_become(next));
            assert!(!Closed.may_become(next) || next == Archived);
            assert!(!next.may_become(Draft) || next == PendingApproval);
            assert!(!next.may_become(PendingApproval) || next == Draft);
        }
        assert!(
            all.iter()
                .filter(|s: &&RoundState| s.may_become(Cancelled))
                .all(|s| matches!(s, Draft | PendingApproval | Scheduled | Warming))
        );
    }
}
