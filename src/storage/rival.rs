//! The same decision straight in Postgres, without Redis: what `graborder bench` holds the hot path against. Tables of its
//! own in the benchmark's database; nothing else uses them.
//!
//! Tuned as well as we know: one statement a batch, so one round trip and no lock held across one; rows narrow; no foreign
//! keys; the commit does not wait for the disk, as Redis' log does not either. Left out, in its favour: most rules of a
//! claim, the log and its chain, everything an order needs.

use super::Result;
use crate::domain::ids::{ClaimId, LineId};
use sqlx::PgConnection;
use uuid::Uuid;

/// One claim of one line.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    pub claim_id: ClaimId,
    pub store: Uuid,
    pub line_id: LineId,
    pub qty: i64,
}

/// Makes the tables, with one line that holds `left_units`.
pub async fn make(db: &mut PgConnection, line_id: LineId, left_units: i64) -> Result<()> {
    for statement in [
        "create table rival_claims (
           claim_id   uuid        primary key,
           store      uuid        not null,
           line_id    uuid        not null,
           granted    bigint      not null,
           decided_at timestamptz not null default now())",
        "create table rival_stores (
           store uuid   primary key,
           taken bigint not null check (taken <= 1000000000)) with (fillfactor = 50)",
        "create table rival_lines (
           id         uuid   primary key,
           left_units bigint not null check (left_units >= 0)) with (fillfactor = 10)",
    ] {
        sqlx::query(statement).execute(&mut *db).await?;
    }
    sqlx::query("insert into rival_lines values ($1, $2)").bind(line_id).bind(left_units).execute(db).await?;
    Ok(())
}

/// For a connection that decides.
pub async fn prepare(db: &mut PgConnection) -> Result<()> {
    sqlx::query("set synchronous_commit = off").execute(db).await?;
    Ok(())
}

/// Decides a batch in one transaction: ids once, caps of stores, what is left. Whether all was granted; the caller brings
/// enough stock, so that nothing ever has to be taken apart.
pub async fn grant(db: &mut PgConnection, asks: &[Ask]) -> Result<bool> {
    let (fresh, lines): (i64, i64) = sqlx::query_as(
        "with fresh as (
           insert into rival_claims (claim_id, store, line_id, granted)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[])
               on conflict do nothing
           returning store, line_id, granted
         ), stores as (
           insert into rival_stores (store, taken)
           select store, sum(granted) from fresh group by store order by store
               on conflict (store) do update set taken = rival_stores.taken + excluded.taken
           returning 1
         ), lines as (
           update rival_lines l
              set left_units = left_units - f.units
             from (select line_id, sum(granted) as units from fresh group by line_id) f
            where l.id = f.line_id
              and l.left_units >= f.units
           returning l.id
         )
         select (select count(*) from fresh), (select count(*) from lines)",
    )
    .bind(asks.iter().map(|ask| ask.claim_id.0).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.store).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.line_id.0).collect::<Vec<_>>())
    .bind(asks.iter().map(|ask| ask.qty).collect::<Vec<_>>())
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(fresh) == Ok(asks.len()) && lines > 0)
}
