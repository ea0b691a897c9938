//! What a batch has to tell: to each winner its orders, to all the round's new state, to headquarters the figures.

use super::{
    books::{Books, Round},
    orders::{self, Numbers},
    settle::{NewClaim, Settled},
};
use crate::{
    domain::{
        event::{Effect, ReleasedLine, Revoked, RevokedLine, StateEvent, StoreEvent},
        ids::{RoundId, StoreId},
    },
    storage::{Result, log_position::Moment, outbox::NewRow, status},
};
use chrono::NaiveDate;
use sqlx::PgConnection;

pub(super) async fn rows(
    tx: &mut PgConnection,
    books: &Books,
    settled: &Settled<'_>,
    numbers: &Numbers,
    moment: Moment,
) -> Result<Vec<NewRow>> {
    let mut rows = Vec::with_capacity(settled.orders.len() + 2);
    for (index, claim) in settled.claims.iter().enumerate() {
        let (store_id, round_id) = (claim.decided.verdict.store_id, Some(claim.round_id));
        if !claim.revoked.is_empty() {
            rows.push(NewRow::Store { store_id, round_id, event: StoreEvent::Revoked(revoked(claim)) });
            rows.extend(books.rounds.get(&claim.round_id).map(|round| NewRow::Effect(release(claim, round, store_id))));
        }
        if !claim.orders.is_empty() {
            let ordered = orders::ordered(settled, index, numbers, moment.at.timestamp_millis());
            rows.push(NewRow::Store { store_id, round_id, event: StoreEvent::Ordered(ordered) });
        }
    }
    let touched: Vec<RoundId> = books.rounds.values().filter(|round| round.touched).map(|round| round.id).collect();
    if !touched.is_empty() {
        let states = status::round_statuses(tx, &touched).await?.into_iter();
        rows.extend(states.map(|s| NewRow::State { round_id: s.round_id, event: StateEvent::Round(s) }));
        let figures = status::boards(tx, &touched).await?.into_iter();
        rows.extend(figures.map(|f| NewRow::State { round_id: f.round_id, event: StateEvent::Board(f) }));
    }
    Ok(rows)
}

fn revoked(claim: &NewClaim<'_>) -> Revoked {
    Revoked {
        claim_id: claim.decided.claim_id,
        round_id: claim.round_id,
        reason: "exhausted".to_owned(),
        lines: claim.revoked.iter().map(|&(line_id, revoked)| RevokedLine { line_id, revoked }).collect(),
    }
}

/// The store's counters get back what the claim had taken from them; the line's `left` does not.
fn release(claim: &NewClaim<'_>, round: &Round, store_id: StoreId) -> Effect {
    let text = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    Effect::Release {
        round_id: claim.round_id,
        store_id,
        day: text(round.day),
        period: text(round.period),
        dock_day: text(round.dock_day),
        credit_cents: claim.revoked_cents,
        lines: claim.revoked.iter().map(|&(line_id, units)| ReleasedLine { line_id, units }).collect(),
    }
}
