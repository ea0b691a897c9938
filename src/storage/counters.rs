//! What stores have used of their limits, as of the books: one query a sum. Redis is loaded from these, and screens show
//! them. A cancelled order and cancelled units no longer count anywhere.

use super::Result;
use crate::domain::ids::{LineId, RoundId, StoreId};
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// By store; a store that used nothing is absent.
pub type Used = HashMap<StoreId, i64>;

/// Units won in rounds of that day.
pub async fn day_units(tx: &mut PgConnection, day: NaiveDate, stores: &[StoreId]) -> Result<Used> {
    let sums: Vec<(StoreId, i64)> = sqlx::query_as(
        "select o.store_id, sum(l.ordered - l.cancelled)::bigint
           from rounds r
           join orders o on o.round_id = r.id
           join order_lines l on l.order_id = o.id
          where r.day = $1
            and o.store_id = any($2)
            and o.state <> 'CANCELLED'
          group by o.store_id",
    )
    .bind(day)
    .bind(uuids(stores))
    .fetch_all(tx)
    .await?;
    Ok(sums.into_iter().collect())
}

/// Units won in rounds of the period that begins on that day.
pub async fn period_units(tx: &mut PgConnection, period: NaiveDate, stores: &[StoreId]) -> Result<Used> {
    let sums: Vec<(StoreId, i64)> = sqlx::query_as(
        "select o.store_id, sum(l.ordered - l.cancelled)::bigint
           from rounds r
           join orders o on o.round_id = r.id
           join order_lines l on l.order_id = o.id
          where r.period = $1
            and o.store_id = any($2)
            and o.state <> 'CANCELLED'
          group by o.store_id",
    )
    .bind(period)
    .bind(uuids(stores))
    .fetch_all(tx)
    .await?;
    Ok(sums.into_iter().collect())
}

/// Units promised for that day, whatever round they come from.
pub async fn dock_units(tx: &mut PgConnection, dock_day: NaiveDate, stores: &[StoreId]) -> Result<Used> {
    let sums: Vec<(StoreId, i64)> = sqlx::query_as(
        "select o.store_id, sum(l.ordered - l.cancelled)::bigint
           from orders o
           join order_lines l on l.order_id = o.id
          where o.promised_date = $1
            and o.store_id = any($2)
            and o.state <> 'CANCELLED'
          group by o.store_id",
    )
    .bind(dock_day)
    .bind(uuids(stores))
    .fetch_all(tx)
    .await?;
    Ok(sums.into_iter().collect())
}

/// Cents of every order's units that were not cancelled.
pub async fn credit_cents(tx: &mut PgConnection, stores: &[StoreId]) -> Result<Used> {
    let sums: Vec<(StoreId, i64)> = sqlx::query_as(
        "select o.store_id, sum((l.ordered - l.cancelled) * l.price_cents)::bigint
           from orders o
           join order_lines l on l.order_id = o.id
          where o.store_id = any($1)
            and o.state <> 'CANCELLED'
          group by o.store_id",
    )
    .bind(uuids(stores))
    .fetch_all(tx)
    .await?;
    Ok(sums.into_iter().collect())
}

/// Units of each line of the round that each store holds; the store's units of the round are their sum.
pub async fn taken(tx: &mut PgConnection, round: RoundId) -> Result<HashMap<(StoreId, LineId), i64>> {
    let sums: Vec<(StoreId, LineId, i64)> = sqlx::query_as(
        "select o.store_id, l.line_id, sum(l.ordered - l.cancelled)::bigint
           from orders o
           join order_lines l on l.order_id = o.id
          where o.round_id = $1
            and o.state <> 'CANCELLED'
          group by o.store_id, l.line_id",
    )
    .bind(round)
    .fetch_all(tx)
    .await?;
    Ok(sums.into_iter().map(|(store, line, units)| ((store, line), units)).collect())
}

fn uuids(stores: &[StoreId]) -> Vec<Uuid> {
    stores.iter().map(|store| store.0).collect()
}
