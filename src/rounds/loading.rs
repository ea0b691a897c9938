//! From the books to what Redis is loaded from. The caller holds one snapshot, so that all parts are of one moment.

use super::Result;
use crate::{
    domain::ids::{LineId, RoundId, StoreId},
    hot::{Latch, SnapshotRound, WarmLine, WarmRound, WarmStore, WarmStoreLine},
    storage::{
        Error as StorageError, counters,
        rounds::{
            self as books, LineRow, RoundRow, intents,
            load::{self, InvitedLineRow, InvitedRow},
        },
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// A published round with its lines, its stores and what these have used of their limits.
pub async fn warm_round(tx: &mut PgConnection, round: &RoundRow) -> Result<WarmRound> {
    let (day, period, dock_day) = dates(round)?;
    let lines = books::lines(tx, round.id).await?;
    let invited = load::invited(tx, round.id).await?;
    let stores: Vec<StoreId> = invited.iter().map(|store| store.store_id).collect();
    let used = Used {
        taken: counters::taken(tx, round.id).await?,
        day: counters::day_units(tx, day, &stores).await?,
        period: counters::period_units(tx, period, &stores).await?,
        dock: counters::dock_units(tx, dock_day, &stores).await?,
        credit: counters::credit_cents(tx, &stores).await?,
    };
    let mut store_lines = HashMap::<StoreId, Vec<InvitedLineRow>>::with_capacity(invited.len());
    for row in load::invited_lines(tx, round.id).await? {
        store_lines.entry(row.store_id).or_default().push(row);
    }
    Ok(WarmRound {
        round_id: round.id,
        opens_ms: round.opens_ms(),
        closes_ms: round.closes_ms(),
        shift_ms: round.shift_ms,
        state: round.state,
        intent_no: round.applied_no,
        day: day.to_string(),
        period: period.to_string(),
        dock_day: dock_day.to_string(),
        lines: lines.iter().map(warm_line).collect(),
        invited: (invited.iter())
            .map(|store| warm_store(store, store_lines.get(&store.store_id).map_or(&[], Vec::as_slice), &used))
            .collect(),
    })
}

/// The same for a round that was live when Redis was lost: with its decided claims, its pause and its latest moment.
pub async fn snapshot_round(tx: &mut PgConnection, round: &RoundRow) -> Result<SnapshotRound> {
    let warm = warm_round(tx, round).await?;
    let paused = match round.paused_at {
        Some(at) => Some(Latch { pause_no: intents::pause_no(tx, round.id).await?, paused_ms: at.timestamp_millis() }),
        None => None,
    };
    Ok(SnapshotRound {
        round: warm,
        last_ms: load::last_ms(tx, round.id).await?,
        paused,
        claims: load::claims(tx, round.id).await?,
    })
}

struct Used {
    taken: HashMap<(StoreId, LineId), i64>,
    day: counters::Used,
    period: counters::Used,
    dock: counters::Used,
    credit: counters::Used,
}

fn warm_line(line: &LineRow) -> WarmLine {
    WarmLine {
        line_id: line.id,
        pack: line.pack,
        min: line.min_claim,
        cap_line: line.cap_line,
        price_cents: line.price_cents,
        left: line.left(),
        sold_ms: line.sold_out_at.map_or(0, ms),
    }
}

fn warm_store(store: &InvitedRow, lines: &[InvitedLineRow], used: &Used) -> WarmStore {
    let id = store.store_id;
    let of = |sums: &counters::Used| sums.get(&id).copied().unwrap_or(0);
    let lines: Vec<WarmStoreLine> = lines
        .iter()
        .map(|line| WarmStoreLine {
            line_id: line.line_id,
            listed: line.listed,
            net: line.net,
            gate: line.gate,
            need_cap: line.need_cap,
            taken: used.taken.get(&(id, line.line_id)).copied().unwrap_or(0),
        })
        .collect();
    WarmStore {
        store_id: id,
        offset_ms: store.offset_ms,
        cap_round: store.cap_round,
        cap_day: store.cap_day,
        cap_period: store.cap_period,
        dock_units: store.dock_units,
        credit_limit_cents: store.credit_limit_cents,
        taken: lines.iter().map(|line| line.taken).sum(),
        lines,
        day_units: of(&used.day),
        period_units: of(&used.period),
        dock_used: of(&used.dock),
        credit_used_cents: of(&used.credit),
        suspended_until_ms: store.suspended_until.map_or(0, ms),
    }
}

/// Set at publish; a round that was never published is never loaded.
fn dates(round: &RoundRow) -> Result<(NaiveDate, NaiveDate, NaiveDate)> {
    match (round.day, round.period, round.dock_day) {
        (Some(day), Some(period), Some(dock_day)) => Ok((day, period, dock_day)),
        _ => Err(StorageError::Decode(format!("round {} has no dates", RoundId::to_string(&round.id)).into()).into()),
    }
}

fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}
