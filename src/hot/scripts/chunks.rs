//! A round as the chunks in which `load.lua` takes it, small enough that no call holds Redis up for long: 300 to 5,000
//! stores with up to 20 lines each are far more than one call should carry.

use crate::domain::{clock::UnixMs, ids::UserId, round::RoundState};
use crate::hot::{HotError, Latch, WarmLine, WarmRound, WarmStore};
use chrono::{Days, NaiveDate};
use std::collections::HashMap;

/// About a millisecond of script. A store has at most 113 fields.
const FIELDS_MAX: usize = 2_000;
/// Verdicts in a chunk: 300 bytes each for a claim of one line.
const CLAIMS_MAX: usize = 500;
/// Used of a day is looked at only by rounds of that day; forty days later none is live.
const DAYS_KEPT: Days = Days::new(40);
/// A period is named by its first day and may be a year long.
const PERIODS_KEPT: Days = Days::new(400);

/// The name of a chunk and its fields.
pub(super) type Chunk = (&'static str, Vec<String>);

/// What the last chunk says of the round beside its own fields.
pub(super) struct End {
    pub(super) state: &'static str,
    pub(super) last_ms: UnixMs,
    pub(super) paused: Option<Latch>,
}

/// The state as the scripts name it. One that is over in the books is closed here.
pub(super) fn state(round: &WarmRound) -> Result<&'static str, HotError> {
    match round.state {
        RoundState::Warming => Ok("WARMING"),
        RoundState::Open => Ok("OPEN"),
        RoundState::Paused => Ok("PAUSED"),
        RoundState::Settling | RoundState::Closed => Ok("CLOSED"),
        other => Err(HotError::Corrupt(format!("a round that is {other:?} cannot be loaded"))),
    }
}

/// `begin`, the lines, the stores, `further` and `end`.
pub(super) fn chunks(round: &WarmRound, further: Vec<Chunk>, end: &End) -> Result<Vec<Chunk>, HotError> {
    let mut lines: Vec<&WarmLine> = round.lines.iter().collect();
    // A line's number is its place in this order, the same at every load.
    lines.sort_by_key(|line| line.line_id);
    let mut all = vec![("begin", Vec::new()), ("lines", line_fields(&lines))];
    let head = store_head(round, lines.len())?;
    let stores_a_chunk = (FIELDS_MAX / (13 + 5 * lines.len())).max(1);
    for stores in round.invited.chunks(stores_a_chunk) {
        let mut fields = head.clone();
        stores.iter().for_each(|store| store_fields(&mut fields, store, &lines));
        all.push(("stores", fields));
    }
    all.extend(further);
    all.push(("end", end_fields(round, end)));
    Ok(all)
}

/// Who was changed, with the newest version.
pub(super) fn user_chunks(users: &[(UserId, i64)]) -> Vec<Chunk> {
    let fields = |some: &[_]| {
        some.iter().flat_map(|(id, version): &(UserId, i64)| [id.to_string(), version.to_string()]).collect()
    };
    users.chunks(FIELDS_MAX / 2).map(|some| ("users", fields(some))).collect()
}

pub(super) fn claim_chunks(claims: &[(crate::domain::ids::ClaimId, String)]) -> Vec<Chunk> {
    let fields =
        |some: &[_]| some.iter().flat_map(|(id, packed): &(_, String)| [format!("{id}"), packed.clone()]).collect();
    claims.chunks(CLAIMS_MAX).map(|some| ("claims", fields(some))).collect()
}

fn line_fields(lines: &[&WarmLine]) -> Vec<String> {
    let numbered = (1_i64..).zip(lines);
    let fields = numbered.flat_map(|(number, line)| {
        let numbers = [number, line.pack, line.min, limit(line.cap_line), line.price_cents, line.left, line.sold_ms];
        std::iter::once(line.line_id.to_string()).chain(numbers.map(|n| n.to_string()))
    });
    fields.collect()
}

fn store_head(round: &WarmRound, lines: usize) -> Result<Vec<String>, HotError> {
    let oldest = |date: &str, kept: Days| {
        let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().and_then(|day| day.checked_sub_days(kept));
        day.map(|day| day.to_string()).ok_or_else(|| HotError::Corrupt(format!("no date of a round: {date:?}")))
    };
    Ok(vec![
        round.day.clone(),
        round.period.clone(),
        round.dock_day.clone(),
        oldest(&round.day, DAYS_KEPT)?,
        oldest(&round.period, PERIODS_KEPT)?,
        lines.to_string(),
    ])
}

fn store_fields(fields: &mut Vec<String>, store: &WarmStore, lines: &[&WarmLine]) {
    fields.push(store.store_id.to_string());
    let numbers = [
        store.offset_ms,
        limit(store.cap_round),
        limit(store.cap_day),
        limit(store.cap_period),
        store.dock_units,
        store.credit_limit_cents,
        store.day_units,
        store.period_units,
        store.dock_used,
        store.credit_used_cents,
        store.suspended_until_ms,
        store.taken,
    ];
    fields.extend(numbers.map(|n| n.to_string()));
    let own: HashMap<_, _> = store.lines.iter().map(|line| (line.line_id, line)).collect();
    for line in lines {
        // A line that the store was not invited to is one that it does not list.
        let numbers = own
            .get(&line.line_id)
            .map_or([0, 0, -1, 0, 0], |own| [i64::from(own.listed), own.net, limit(own.gate), own.need_cap, own.taken]);
        fields.extend(numbers.map(|n| n.to_string()));
    }
}

fn end_fields(round: &WarmRound, end: &End) -> Vec<String> {
    let (pause_no, paused_ms) =
        end.paused.map_or_else(Default::default, |latch| (latch.pause_no.to_string(), latch.paused_ms.to_string()));
    vec![
        round.lines.len().to_string(),
        round.invited.len().to_string(),
        end.state.to_owned(),
        round.opens_ms.to_string(),
        round.closes_ms.to_string(),
        round.shift_ms.to_string(),
        end.last_ms.to_string(),
        round.intent_no.to_string(),
        round.day.clone(),
        round.period.clone(),
        round.dock_day.clone(),
        pause_no,
        paused_ms,
    ]
}

/// −1 is none.
fn limit(limit: Option<i64>) -> i64 {
    limit.unwrap_or(-1)
}
