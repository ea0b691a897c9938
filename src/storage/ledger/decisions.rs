//! The decided claims, the chain that holds them, and the entries that could not be read.

use super::{batch::Batch, settle::Settled};
use crate::{domain::clock::from_ms, storage::Result};
use serde_json::{Value, json};
use sqlx::PgConnection;

pub(super) async fn write_claims(tx: &mut PgConnection, settled: &Settled<'_>) -> Result<()> {
    let claims = &settled.claims;
    if claims.is_empty() {
        return Ok(());
    }
    let verdicts = || claims.iter().map(|claim| &claim.decided.verdict);
    sqlx::query(
        "insert into claims (round_id, claim_id, store_id, user_id, status, code, verdict, granted, revoked, decided_at,
                             chain_n)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                              $8::bigint[], $9::bigint[], $10::timestamptz[], $11::bigint[])",
    )
    .bind(claims.iter().map(|c| c.round_id.0).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.decided.claim_id.0).collect::<Vec<_>>())
    .bind(verdicts().map(|v| v.store_id.0).collect::<Vec<_>>())
    .bind(verdicts().map(|v| v.user_id.0).collect::<Vec<_>>())
    .bind(verdicts().map(|v| v.status.name()).collect::<Vec<_>>())
    .bind(verdicts().map(|v| v.reason.map(|reason| reason.code())).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.decided.packed.as_str()).collect::<Vec<_>>())
    .bind(verdicts().map(|v| v.granted()).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.revoked_units()).collect::<Vec<_>>())
    .bind(verdicts().map(|v| from_ms(v.decided_ms)).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.chain_n).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;

    sqlx::query(
        "insert into round_events (round_id, n, event, hash)
         select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[])",
    )
    .bind(claims.iter().map(|c| c.round_id.0).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.chain_n).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.event.as_str()).collect::<Vec<_>>())
    .bind(claims.iter().map(|c| c.hash.as_slice()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Sets aside, whole, what could not be applied. Its fields are kept as pairs, because a forged entry may repeat one.
pub(super) async fn write_dead(tx: &mut PgConnection, batch: &Batch, settled: &Settled<'_>) -> Result<()> {
    let dead = &settled.dead;
    if dead.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into dead_entries (pool_id, epoch, entry_id, body, why)
         select $1, $2, * from unnest($3::text[], $4::jsonb[], $5::text[])
             on conflict do nothing",
    )
    .bind(&batch.pool_id)
    .bind(batch.to.epoch)
    .bind(dead.iter().map(|(entry, _)| entry.id.as_str()).collect::<Vec<_>>())
    .bind(dead.iter().map(|(entry, _)| pairs(&entry.raw)).collect::<Vec<_>>())
    .bind(dead.iter().map(|(_, why)| without_nul(why)).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

fn pairs(raw: &[(String, String)]) -> Value {
    raw.iter().map(|(field, value)| json!([without_nul(field), without_nul(value)])).collect()
}

/// Postgres text holds every character but this one.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
