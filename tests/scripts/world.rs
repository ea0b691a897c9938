//! Rounds and claims for the tests: a store that may have anything, from which each test takes something away.

use graborder::{
    domain::{
        claim::{Claim, ClaimLine, ClaimMode, Verdict, VerdictStatus},
        ids::{ClaimId, LineId, RoundId, StoreId, UserId},
        reason::Reason,
        round::RoundState,
    },
    hot::{ClaimAnswer, SnapshotRound, WarmLine, WarmRound, WarmStore, WarmStoreLine},
};
use uuid::Uuid;

pub const PACK: i64 = 6;
pub const PRICE_CENTS: i64 = 250;

/// An open round with `lines` lines of 600 units and `stores` stores that are far from every limit.
pub fn round(lines: usize, stores: usize, now_ms: i64) -> SnapshotRound {
    let lines: Vec<WarmLine> = (0..lines)
        .map(|_| WarmLine {
            line_id: LineId::new(),
            pack: PACK,
            min: 1,
            cap_line: None,
            price_cents: PRICE_CENTS,
            left: 600,
            sold_ms: 0,
        })
        .collect();
    let invited = (0..stores).map(|_| store(&lines)).collect();
    let round = WarmRound {
        round_id: RoundId::new(),
        opens_ms: now_ms - 60_000,
        closes_ms: now_ms + 3_600_000,
        shift_ms: 0,
        state: RoundState::Open,
        intent_no: 1,
        day: "2026-11-23".to_owned(),
        period: "2026-11-19".to_owned(),
        dock_day: "2026-11-24".to_owned(),
        lines,
        invited,
    };
    SnapshotRound { round, last_ms: 0, paused: None, claims: Vec::new() }
}

pub fn store(lines: &[WarmLine]) -> WarmStore {
    let own = |line: &WarmLine| WarmStoreLine {
        line_id: line.line_id,
        listed: true,
        net: 10,
        gate: Some(100),
        need_cap: 10_000,
        taken: 0,
    };
    WarmStore {
        store_id: StoreId::new(),
        offset_ms: 0,
        cap_round: None,
        cap_day: None,
        cap_period: None,
        dock_units: 100_000,
        credit_limit_cents: 100_000_000,
        taken: 0,
        lines: lines.iter().map(own).collect(),
        day_units: 0,
        period_units: 0,
        dock_used: 0,
        credit_used_cents: 0,
        suspended_until_ms: 0,
    }
}

/// A fresh claim of a store of the round for so many units of its lines, in the order of `lines`; 0 leaves a line out.
pub fn claim(round: &WarmRound, store: usize, mode: ClaimMode, units: &[i64]) -> Claim {
    claim_of(round, ClaimId(Uuid::new_v4()), round.invited[store].store_id, mode, units)
}

/// The user of all these claims, whom nobody has changed unless a test does.
pub const USER: UserId = UserId(Uuid::nil());

pub fn claim_of(round: &WarmRound, id: ClaimId, store_id: StoreId, mode: ClaimMode, units: &[i64]) -> Claim {
    let lines = round.lines.iter().zip(units).filter(|(_, units)| **units > 0);
    let lines = lines.map(|(line, units)| ClaimLine { line_id: line.line_id, qty: *units }).collect();
    Claim::new(id, round.round_id, store_id, USER, 1, mode, lines).unwrap()
}

/// What was decided, now or before.
pub fn verdict(answer: &ClaimAnswer) -> &Verdict {
    match answer {
        ClaimAnswer::Decided(verdict) | ClaimAnswer::Known(verdict) => verdict,
        other => panic!("not decided: {other:?}"),
    }
}

pub fn refused(answer: &ClaimAnswer) -> Reason {
    let verdict = verdict(answer);
    assert_eq!(verdict.status, VerdictStatus::Refused, "{verdict:?}");
    assert_eq!(verdict.granted(), 0);
    verdict.reason.unwrap()
}

pub fn not_decided(answer: &ClaimAnswer) -> Reason {
    match answer {
        ClaimAnswer::NotDecided(reason) => *reason,
        other => panic!("{other:?}"),
    }
}
