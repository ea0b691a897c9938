//! What is loaded into Redis: a round before it opens (`WarmRound`), or everything that lives after Redis was lost
//! (`Snapshot`). Both are read in one Postgres snapshot, together with the number of the newest outbox row *with an
//! effect* in it: what later effects change is applied by `release.lua`, and a load of another number starts over.

use crate::domain::{
    clock::UnixMs,
    ids::{ClaimId, LineId, RoundId, StoreId, UserId},
    round::RoundState,
};

/// A published round with all that its claims will be judged by. Frozen at publish, but for the counters of its stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmRound {
    pub round_id: RoundId,
    /// As planned, before shifts.
    pub opens_ms: UnixMs,
    pub closes_ms: UnixMs,
    /// Pauses and fenced times so far.
    pub shift_ms: i64,
    /// A warmed round always begins as `Warming`; a rebuilt one as what the books say (`Warming`, `Open`, `Paused`, or
    /// `Settling` and later for one whose verdicts are still asked for).
    pub state: RoundState,
    /// The last intent whose log entry is in the books; later ones are applied again.
    pub intent_no: i64,
    /// Chain-local dates fixed at publish, `2026-11-23`.
    pub day: String,
    pub period: String,
    pub dock_day: String,
    pub lines: Vec<WarmLine>,
    pub invited: Vec<WarmStore>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmLine {
    pub line_id: LineId,
    /// Base units in a pack.
    pub pack: i64,
    /// The least that may be asked for, in units.
    pub min: i64,
    /// Units a store; `None`: only need limits.
    pub cap_line: Option<i64>,
    pub price_cents: i64,
    /// Units still to be had: pledged − holdback − granted − returned.
    pub left: i64,
    /// When the last unit went; 0 while some is left.
    pub sold_ms: UnixMs,
}

/// An invited store: its limits in this round, and what it has used of them. `None` is no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmStore {
    pub store_id: StoreId,
    /// The store's stage opens so long after the round.
    pub offset_ms: i64,
    pub cap_round: Option<i64>,
    pub cap_day: Option<i64>,
    pub cap_period: Option<i64>,
    pub dock_units: i64,
    pub credit_limit_cents: i64,
    /// Units taken in this round so far.
    pub taken: i64,
    pub lines: Vec<WarmStoreLine>,
    /// Units won on the round's day, in its period, due at the dock on its dock day; credit in use. Over all rounds.
    pub day_units: i64,
    pub period_units: i64,
    pub dock_used: i64,
    pub credit_used_cents: i64,
    /// 0: not suspended.
    pub suspended_until_ms: UnixMs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarmStoreLine {
    pub line_id: LineId,
    pub listed: bool,
    /// Stock on hand and on its way.
    pub net: i64,
    /// Refused at this net or above; `None`: no gate.
    pub gate: Option<i64>,
    /// Units that the store's need lets it take of the line.
    pub need_cap: i64,
    /// Units taken of the line so far.
    pub taken: i64,
}

/// Everything that lives, for the process `run_id` and the new epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Higher than every epoch before it, in Postgres and in Redis; a resumed recovery takes a new one.
    pub epoch: i64,
    pub run_id: String,
    /// Number of the newest outbox row with an effect in this snapshot.
    pub applied_no: i64,
    /// Everybody who was ever changed, with the newest auth version.
    pub users: Vec<(UserId, i64)>,
    pub rounds: Vec<SnapshotRound>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRound {
    pub round: WarmRound,
    /// The latest time that any log entry of the round carries, so that its time never runs backwards; 0: none.
    pub last_ms: UnixMs,
    /// Set exactly when the round's state is `Paused`.
    pub paused: Option<Latch>,
    /// Every decided claim with its packed verdict.
    pub claims: Vec<(ClaimId, String)>,
}

/// The pause that holds a round: only a resume that names its number lifts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latch {
    pub pause_no: i64,
    pub paused_ms: UnixMs,
}
