//! The work of nodes on jobs. A node takes a job for a while and says again and again that it lives; whoever finishes a job
//! must still be its worker, so that a node that was thought dead cannot finish what another one does.

use super::super::Result;
use crate::domain::{
    ids::{ImportId, UserId},
    import::{Encoding, ImportKind, ImportStage, ImportState},
    import_fault::Failure,
    role::Role,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, types::Json};
use std::time::Duration;
use uuid::Uuid;

#[derive(Clone, Debug, FromRow)]
pub struct Work {
    pub import_id: ImportId,
    pub kind: ImportKind,
    /// READING or APPLYING.
    pub state: ImportState,
    pub sha256: Vec<u8>,
    pub encoding_said: Option<Encoding>,
    pub again: bool,
    pub by_user: Option<UserId>,
    pub by_role: Role,
    pub made_at: DateTime<Utc>,
    pub skip_bad: bool,
    pub confirmed_by: Option<UserId>,
    pub tries: i32,
}

/// The oldest job that waits, or whose node has not been heard of for too long; or a certain one of these.
pub async fn take(
    db: &mut PgConnection,
    worker: Uuid,
    lease: Duration,
    only: Option<ImportId>,
) -> Result<Option<Work>> {
    sqlx::query_as(
        "update imports
            set worker = $1, lease_until = now() + make_interval(secs => $2), tries = tries + 1, rows_read = 0,
                stage = 'reading'
          where id = (select id
                        from imports
                       where state in ('READING', 'APPLYING')
                         and (lease_until is null or lease_until < now())
                         and ($3::uuid is null or id = $3)
                       order by made_at
                       limit 1
                         for update skip locked)
         returning id as import_id, kind, state, sha256, encoding_said, again, by_user, by_role, made_at, skip_bad,
                   confirmed_by, tries",
    )
    .bind(worker)
    .bind(lease.as_secs_f64())
    .bind(only)
    .fetch_optional(db)
    .await
}

/// How far the work is; prolongs the time it has.
pub struct Beat {
    pub stage: ImportStage,
    pub rows_read: i64,
    pub rows_total: Option<i64>,
}

pub async fn beat(
    db: &mut PgConnection,
    worker: Uuid,
    import_id: ImportId,
    lease: Duration,
    beat: &Beat,
) -> Result<()> {
    sqlx::query(
        "update imports
            set lease_until = now() + make_interval(secs => $3), stage = $4, rows_read = $5, rows_total = $6
          where id = $1
            and worker = $2
            and state in ('READING', 'APPLYING')",
    )
    .bind(import_id)
    .bind(worker)
    .bind(lease.as_secs_f64())
    .bind(beat.stage)
    .bind(beat.rows_read)
    .bind(beat.rows_total)
    .execute(db)
    .await
    .map(|_| ())
}

/// The work broke off and may be tried again, after a moment.
pub async fn put_back(db: &mut PgConnection, worker: Uuid, import_id: ImportId) -> Result<()> {
    sqlx::query("update imports set lease_until = now() + interval '1 second' where id = $1 and worker = $2")
        .bind(import_id)
        .bind(worker)
        .execute(db)
        .await
        .map(|_| ())
}

/// What a reading came to.
pub struct Found<'a> {
    pub preview: &'a Value,
    pub rows: i64,
    pub good_rows: i64,
    pub bad_rows: i64,
}

/// Shown from now on. `false`: somebody dropped the job, or another node has it.
pub async fn previewed(tx: &mut PgConnection, worker: Uuid, import_id: ImportId, found: &Found<'_>) -> Result<bool> {
    finish(tx, worker, import_id, found, ImportState::Previewed).await
}

/// In the books, with this transaction.
pub async fn applied(tx: &mut PgConnection, worker: Uuid, import_id: ImportId, found: &Found<'_>) -> Result<bool> {
    finish(tx, worker, import_id, found, ImportState::Applied).await
}

async fn finish(
    tx: &mut PgConnection,
    worker: Uuid,
    import_id: ImportId,
    found: &Found<'_>,
    state: ImportState,
) -> Result<bool> {
    let finished = sqlx::query(
        "update imports
            set state = $3, preview = $4, rows_read = $5, rows_total = $5, good_rows = $6, bad_rows = $7, stage = null,
                worker = null, lease_until = null, tries = 0,
                applied_at = case when $3 = 'APPLIED' then now() end
          where id = $1
            and worker = $2
            and state in ('READING', 'APPLYING')",
    )
    .bind(import_id)
    .bind(worker)
    .bind(state)
    .bind(Json(found.preview))
    .bind(found.rows)
    .bind(found.good_rows)
    .bind(found.bad_rows)
    .execute(tx)
    .await?;
    Ok(finished.rows_affected() == 1)
}

pub async fn failed(tx: &mut PgConnection, worker: Uuid, import_id: ImportId, why: &Failure) -> Result<()> {
    sqlx::query(
        "with failed as (
           update imports
              set state = 'FAILED', failed = $3, stage = null, worker = null, lease_until = null
            where id = $1
              and worker = $2
              and state in ('READING', 'APPLYING')
           returning id)
         delete from import_files where import_id in (select id from failed)",
    )
    .bind(import_id)
    .bind(worker)
    .bind(Json(why))
    .execute(tx)
    .await
    .map(|_| ())
}
