//! The outbox: what is to be told, numbered densely in commit order.

use super::Result;
use crate::domain::{
    event::{Effect, StateEvent, StoreEvent},
    ids::{PoolId, RoundId, StoreId},
};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub enum NewRow {
    Store { store_id: StoreId, round_id: Option<RoundId>, event: StoreEvent },
    State { round_id: RoundId, event: StateEvent },
    Effect(Effect),
}

/// Appends rows in the order given and returns the last number. Call it last in the transaction: it takes the pool's
/// `pool_out` row lock, which is held to the commit, so that numbers and every store's `store_seq` are dense in commit order.
pub async fn append(tx: &mut PgConnection, pool: &PoolId, rows: &[NewRow]) -> Result<i64> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let last: i64 = sqlx::query_scalar(
        "update pool_out
            set last_number = last_number + $2
          where pool_id = $1
         returning last_number",
    )
    .bind(pool)
    .bind(count)
    .fetch_one(&mut *tx)
    .await?;
    if rows.is_empty() {
        return Ok(last);
    }
    let seqs = advance_store_seqs(tx, rows).await?;
    write_rows(tx, pool, last - count + 1, rows, seqs).await?;
    Ok(last)
}

/// Writes rows under numbers from `first` on; `seqs` holds each store's number before them.
pub(super) async fn write_rows(
    tx: &mut PgConnection,
    pool: &PoolId,
    first: i64,
    rows: &[NewRow],
    mut seqs: HashMap<Uuid, i64>,
) -> Result<()> {
    let (mut numbers, mut rounds, mut stores, mut store_seqs) = (vec![], vec![], vec![], vec![]);
    let (mut events, mut effects) = (vec![], vec![]);
    for (number, row) in (first..).zip(rows) {
        numbers.push(number);
        let (round, store, event, effect) = match row {
            NewRow::Store { store_id, round_id, event } => {
                (round_id.map(|r| r.0), Some(store_id.0), Some(serde_json::to_value(event)), None)
            }
            NewRow::State { round_id, event } => (Some(round_id.0), None, Some(serde_json::to_value(event)), None),
            NewRow::Effect(effect) => (None, None, None, Some(serde_json::to_value(effect))),
        };
        rounds.push(round);
        stores.push(store);
        store_seqs.push(store.and_then(|id| {
            seqs.get_mut(&id).map(|seq| {
                *seq += 1;
                *seq
            })
        }));
        events.push(event.transpose().map_err(|e| super::Error::Encode(e.into()))?.map(Json));
        effects.push(effect.transpose().map_err(|e| super::Error::Encode(e.into()))?.map(Json));
    }
    sqlx::query(
        "insert into outbox (pool_id, number, round_id, store_id, store_seq, event, effect)
         select $1, * from unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::jsonb[], $7::jsonb[])",
    )
    .bind(pool)
    .bind(numbers)
    .bind(rounds)
    .bind(stores)
    .bind(store_seqs)
    .bind(events)
    .bind(effects)
    .execute(tx)
    .await?;
    Ok(())
}

/// Moves each store's counter by the number of its events and returns the values from before.
async fn advance_store_seqs(tx: &mut PgConnection, rows: &[NewRow]) -> Result<HashMap<Uuid, i64>> {
    let mut counts = BTreeMap::<Uuid, i64>::new();
    for row in rows {
        if let NewRow::Store { store_id, .. } = row {
            *counts.entry(store_id.0).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok(HashMap::new());
    }
    let (stores, steps): (Vec<_>, Vec<_>) = counts.into_iter().unzip();
    let before: Vec<(Uuid, i64)> = sqlx::query_as(
        "update stores s
            set store_seq = s.store_seq + c.step
           from unnest($1::uuid[], $2::bigint[]) as c (id, step)
          where s.id = c.id
         returning s.id, s.store_seq - c.step",
    )
    .bind(stores)
    .bind(steps)
    .fetch_all(&mut *tx)
    .await?;
    Ok(before.into_iter().collect())
}
