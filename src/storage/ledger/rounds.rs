//! Writing back what a batch made of rounds, their lines and their totals.

use super::{
    books::{Books, Line, Round},
    settle::Settled,
};
use crate::storage::Result;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) async fn write_lines(tx: &mut PgConnection, books: &Books) -> Result<()> {
    let lines: Vec<&Line> = books.lines.values().filter(|line| line.granted > 0).collect();
    if lines.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update offer_lines l
            set granted = l.granted + g.granted,
                sold_out_at = g.sold_out_at
           from unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) as g (id, granted, sold_out_at)
          where l.id = g.id",
    )
    .bind(lines.iter().map(|l| l.id.0).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.granted).collect::<Vec<_>>())
    .bind(lines.iter().map(|l| l.sold_out_at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Rounds that the batch named, whether or not anything told changed: an ignored intent moves `applied_no` too.
pub(super) async fn write_rounds(tx: &mut PgConnection, books: &Books, settled: &Settled<'_>) -> Result<()> {
    let seen: BTreeSet<_> = settled.intents.iter().map(|intent| intent.round_id).collect();
    let rounds: Vec<&Round> = books.rounds.values().filter(|r| r.touched || seen.contains(&r.id)).collect();
    if rounds.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update rounds r
            set state      = w.state,
                closes_at  = w.closes_at,
                shift_ms   = w.shift_ms,
                paused_at  = w.paused_at,
                opened_at  = w.opened_at,
                closed_at  = w.closed_at,
                applied_no = w.applied_no,
                chain_n    = w.chain_n,
                chain_hash = w.chain_hash
           from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bigint[], $5::timestamptz[], $6::timestamptz[],
                       $7::timestamptz[], $8::bigint[], $9::bigint[], $10::bytea[])
             as w (id, state, closes_at, shift_ms, paused_at, opened_at, closed_at, applied_no, chain_n, chain_hash)
          where r.id = w.id",
    )
    .bind(rounds.iter().map(|r| r.id.0).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.state).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.closes_at).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.shift_ms).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.paused_at).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.opened_at).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.closed_at).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.applied_no).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.chain_n).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.chain_hash.as_slice()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Answers the wishes whose log entries were seen.
pub(super) async fn write_intents(tx: &mut PgConnection, settled: &Settled<'_>) -> Result<()> {
    let intents = &settled.intents;
    if intents.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update round_intents i
            set applied_at = now(),
                outcome = s.outcome
           from unnest($1::uuid[], $2::bigint[], $3::text[]) as s (round_id, intent_no, outcome)
          where i.round_id = s.round_id
            and i.intent_no = s.intent_no",
    )
    .bind(intents.iter().map(|i| i.round_id.0).collect::<Vec<_>>())
    .bind(intents.iter().map(|i| i.intent_no).collect::<Vec<_>>())
    .bind(intents.iter().map(|i| i.outcome).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// The running totals. They were read under the round's lock, so that absolute values are safe; winning stores are
/// counted here, before this batch's orders are written.
pub(super) async fn write_totals(tx: &mut PgConnection, books: &Books, settled: &Settled<'_>) -> Result<()> {
    let decided: BTreeSet<_> = settled.claims.iter().map(|claim| claim.round_id).collect();
    let rounds: Vec<&Round> = books.rounds.values().filter(|round| decided.contains(&round.id)).collect();
    if rounds.is_empty() {
        return Ok(());
    }
    let new_winners = count_new_winners(tx, settled).await?;
    sqlx::query(
        "insert into round_totals as t (round_id, claims, won, winning_stores, granted_units, revoked, refused, winners,
                                        as_of)
         select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                              $7::jsonb[], $8::jsonb[], $9::timestamptz[])
             on conflict (round_id) do update
            set claims         = excluded.claims,
                won            = excluded.won,
                winning_stores = t.winning_stores + excluded.winning_stores,
                granted_units  = excluded.granted_units,
                revoked        = excluded.revoked,
                refused        = excluded.refused,
                winners        = excluded.winners,
                as_of          = excluded.as_of",
    )
    .bind(rounds.iter().map(|r| r.id.0).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.claims).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.won).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| new_winners.get(&r.id.0).copied().unwrap_or(0)).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.granted_units).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.revoked).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.refused.clone()).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.winners.clone()).collect::<Vec<_>>())
    .bind(rounds.iter().map(|r| r.totals.as_of).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores that win in a round for the first time, by round.
async fn count_new_winners(tx: &mut PgConnection, settled: &Settled<'_>) -> Result<BTreeMap<Uuid, i64>> {
    let winners: BTreeSet<(Uuid, Uuid)> = settled
        .orders
        .iter()
        .map(|order| &settled.claims[order.claim])
        .map(|claim| (claim.round_id.0, claim.decided.verdict.store_id.0))
        .collect();
    if winners.is_empty() {
        return Ok(BTreeMap::new());
    }
    let (rounds, stores): (Vec<_>, Vec<_>) = winners.into_iter().unzip();
    let new: Vec<(Uuid, i64)> = sqlx::query_as(
        "select w.round_id, count(*)
           from unnest($1::uuid[], $2::uuid[]) as w (round_id, store_id)
          where not exists (select 1 from orders o where o.round_id = w.round_id and o.store_id = w.store_id)
          group by w.round_id",
    )
    .bind(rounds)
    .bind(stores)
    .fetch_all(tx)
    .await?;
    Ok(new.into_iter().collect())
}
