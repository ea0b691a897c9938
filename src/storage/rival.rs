//! The same decision straight in Postgres, without Redis: what `graborder bench` holds the hot path against. Tables of its
//! own in the benchmark's database; nothing else uses them.
//!
//! It does what `claim.lua` does for such a claim: a known id keeps its first verdict, every limit of the store is checked
//! and counted, the verdict is kept word for word. Tuned as well as we know: one statement a batch, so one round trip and no
//! lock held across one; everything about a store in one narrow row, updated in place; no foreign keys; the commit does not
//! wait for the disk, as the log in Redis does not either.

use super::Result;
use crate::domain::ids::{ClaimId, LineId, StoreId};
use sqlx::PgConnection;

/// One claim of one line.
#[derive(Clone, Debug)]
pub struct Ask {
    pub claim_id: ClaimId,
    pub store_id: StoreId,
    pub line_id: LineId,
    pub qty: i64,
    /// What is kept under the id, as long as the real one.
    pub verdict: String,
}

/// Makes the tables, with one line that holds `left_units` and stores whose limits are never reached.
pub async fn make(db: &mut PgConnection, line_id: LineId, left_units: i64, stores: &[StoreId]) -> Result<()> {
    for statement in [
        "create table rival_claims (
           claim_id uuid primary key,
           verdict  text not null)",
        "create table rival_stores (
           store_id     uuid    primary key,
           opens_at     timestamptz not null default now(),
           suspended    boolean not null default false,
           listed       boolean not null default true,
           line_cap     bigint  not null default 1000000000,
           line_units   bigint  not null default 0,
           round_cap    bigint  not null default 1000000000,
           round_units  bigint  not null default 0,
           day_cap      bigint  not null default 1000000000,
           day_units    bigint  not null default 0,
           period_cap   bigint  not null default 1000000000,
           period_units bigint  not null default 0,
           dock_cap     bigint  not null default 1000000000,
           dock_units   bigint  not null default 0,
           credit_cap   bigint  not null default 1000000000,
           credit_used  bigint  not null default 0) with (fillfactor = 30)",
        "create table rival_lines (
           id          uuid   primary key,
           pack        bigint not null default 1,
           price_cents bigint not null default 1,
           left_units  bigint not null check (left_units >= 0)) with (fillfactor = 10)",
    ] {
        sqlx::query(statement).execute(&mut *db).await?;
    }
    sqlx::query("insert into rival_lines (id, left_units) values ($1, $2)")
        .bind(line_id)
        .bind(left_units)
        .execute(&mut *db)
        .await?;
    sqlx::query("insert into rival_stores (store_id) select * from unnest($1::uuid[])")
        .bind(stores.iter().map(|store| store.0).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}

/// For a connection that decides.
pub async fn prepare(db: &mut PgConnection) -> Result<()> {
    sqlx::query("set synchronous_commit = off").execute(db).await?;
    Ok(())
}

/// Decides a batch in one transaction. Whether all was granted: the caller brings enough stock and fresh ids, so that
/// nothing ever has to be taken apart.
pub async fn grant(db: &mut PgConnection, asks: &[Ask]) -> Result<bool> {
    let (fresh, stores, lines): (i64, i64, i64) = sqlx::query_as(
        "with asked as (
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[])
             as a (claim_id, store_id, line_id, qty, verdict)
         ), fresh as (
           insert into rival_claims (claim_id, verdict)
           select claim_id, verdict from asked
               on conflict do nothing
           returning claim_id
         ), wished as (
           select a.store_id, a.line_id, sum(a.qty)::bigint as units, sum(a.qty * l.price_cents)::bigint as cents
             from fresh
             join asked a using (claim_id)
             join rival_lines l on l.id = a.line_id and a.qty % l.pack = 0
            group by a.store_id, a.line_id
         ), stores as (
           update rival_stores s
              set line_units = line_units + w.units,
                  round_units = round_units + w.units,
                  day_units = day_units + w.units,
                  period_units = period_units + w.units,
                  dock_units = dock_units + w.units,
                  credit_used = credit_used + w.cents
             from wished w
            where s.store_id = w.store_id
              and listed
              and not suspended
              and opens_at <= now()
              and line_units + w.units <= line_cap
              and round_units + w.units <= round_cap
              and day_units + w.units <= day_cap
              and period_units + w.units <= period_cap
              and dock_units + w.units <= dock_cap
              and credit_used + w.cents <= credit_cap
           returning w.units
         ), lines as (
           update rival_lines l
              set left_units = left_units - w.units
             from (select line_id, sum(units)::bigint as units from wished group by line_id) w
            where l.id = w.line_id
              and l.left_units >= w.units
           returning w.units
         )
         select (select count(*) from fresh),
                (select coalesce(sum(units), 0) from stores)::bigint,
                (select coalesce(sum(units), 0) from lines)::bigint",
    )
    .bind(asks.iter().map(|ask| ask.claim_id.0).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.store_id.0).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.line_id.0).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.qty).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.verdict.as_str()).collect::<Vec<_>>())
    .fetch_one(db)
    .await?;
    let units: i64 = asks.iter().map(|ask| ask.qty).sum();
    Ok(usize::try_from(fresh) == Ok(asks.len()) && stores == units && lines == units)
}
