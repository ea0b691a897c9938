//! Jobs as people see and steer them.

use super::super::{At, Result};
use crate::domain::{
    ids::{ImportId, UserId},
    import::{Encoding, ImportKind, ImportStage, ImportState},
    import_fault::Failure,
    role::Role,
};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, types::Json};

/// What is handed over.
pub struct NewJob<'a> {
    pub import_id: ImportId,
    pub kind: ImportKind,
    pub file_name: &'a str,
    pub file_bytes: i64,
    pub sha256: &'a [u8],
    pub encoding_said: Option<Encoding>,
    pub again: bool,
    /// `None`: the command line.
    pub by_user: Option<UserId>,
    pub by_role: Role,
}

pub async fn insert(tx: &mut PgConnection, job: &NewJob<'_>) -> Result<()> {
    sqlx::query(
        "insert into imports (id, kind, state, file_name, file_bytes, sha256, encoding_said, again, by_user, by_role)
         values ($1, $2, 'READING', $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(job.import_id)
    .bind(job.kind)
    .bind(job.file_name)
    .bind(job.file_bytes)
    .bind(job.sha256)
    .bind(job.encoding_said)
    .bind(job.again)
    .bind(job.by_user)
    .bind(job.by_role.name())
    .execute(tx)
    .await
    .map(|_| ())
}

/// Those who hand over files in the same moment are counted one after the other.
pub async fn lock_counting(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('graborder imports begin'))").execute(tx).await.map(|_| ())
}

/// Jobs that hold a file: of this user, and of everybody.
pub async fn open(db: &mut PgConnection, by: Option<UserId>) -> Result<(i64, i64)> {
    sqlx::query_as(
        "select count(*) filter (where by_user is not distinct from $1), count(*)
           from imports
          where state in ('READING', 'PREVIEWED', 'APPLYING')",
    )
    .bind(by)
    .fetch_one(db)
    .await
}

/// The newest job that took this very file over, and was not undone.
pub async fn applied_before(db: &mut PgConnection, kind: ImportKind, sha256: &[u8]) -> Result<Option<ImportId>> {
    sqlx::query_scalar(
        "select id from imports where kind = $1 and sha256 = $2 and state = 'APPLIED' order by applied_at desc limit 1",
    )
    .bind(kind)
    .bind(sha256)
    .fetch_optional(db)
    .await
}

#[derive(Clone, Debug, FromRow)]
pub struct JobView {
    pub import_id: ImportId,
    pub kind: ImportKind,
    pub state: ImportState,
    pub file_name: String,
    pub file_bytes: i64,
    pub sha256: Vec<u8>,
    pub again: bool,
    pub by_user: Option<UserId>,
    pub by_name: Option<String>,
    pub made_at: At,
    pub stage: Option<ImportStage>,
    pub rows_read: i64,
    pub rows_total: Option<i64>,
    pub preview: Option<Json<Value>>,
    pub bad_rows: i64,
    pub good_rows: i64,
    pub failed: Option<Json<Failure>>,
    pub skip_bad: bool,
    pub confirmed_at: Option<At>,
    pub confirmed_by_name: Option<String>,
    pub applied_at: Option<At>,
    /// An undo is possible until then.
    pub undo_until: Option<At>,
    pub undone_at: Option<At>,
    pub undone_by_name: Option<String>,
    pub undo_reason: Option<String>,
}

macro_rules! select_jobs {
    ($($rest:expr),+) => {
        concat!(
            "select i.id as import_id, i.kind, i.state, i.file_name, i.file_bytes, i.sha256, i.again, i.by_user,
                    b.name as by_name, i.made_at, i.stage, i.rows_read, i.rows_total, i.preview, i.bad_rows,
                    i.good_rows, i.failed, i.skip_bad, i.confirmed_at, c.name as confirmed_by_name, i.applied_at,
                    case when i.state = 'APPLIED' then i.applied_at + interval '30 days' end as undo_until,
                    i.undone_at, u.name as undone_by_name, i.undo_reason
               from imports i
               left join users b on b.id = i.by_user
               left join users c on c.id = i.confirmed_by
               left join users u on u.id = i.undone_by
              where i.kind = any($1)
                and ",
            $($rest),+
        )
    };
}

/// A job of one of these kinds.
pub async fn job(db: &mut PgConnection, kinds: &[ImportKind], import_id: ImportId) -> Result<Option<JobView>> {
    sqlx::query_as(select_jobs!("i.id = $2")).bind(names(kinds)).bind(import_id).fetch_optional(db).await
}

/// Newest first; one more than `limit`.
pub async fn list(
    db: &mut PgConnection,
    kinds: &[ImportKind],
    state: Option<ImportState>,
    before: Option<ImportId>,
    limit: i64,
) -> Result<Vec<JobView>> {
    sqlx::query_as(select_jobs!(
        "($2::text is null or i.state = $2)
                and ($3::uuid is null or i.id < $3)
              order by i.id desc
              limit $4 + 1"
    ))
    .bind(names(kinds))
    .bind(state)
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}

fn names(kinds: &[ImportKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.name()).collect()
}

/// Locks a job of one of these kinds until the end of the transaction.
pub async fn hold(tx: &mut PgConnection, kinds: &[ImportKind], import_id: ImportId) -> Result<Option<JobView>> {
    sqlx::query("select from imports where id = $1 for no key update").bind(import_id).execute(&mut *tx).await?;
    job(tx, kinds, import_id).await
}

/// Back to a node, to be read once more.
pub async fn read_again(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query(
        "update imports
            set state = 'READING', stage = null, rows_read = 0, worker = null, lease_until = null, tries = 0
          where id = $1",
    )
    .bind(import_id)
    .execute(tx)
    .await
    .map(|_| ())
}

pub async fn confirm(tx: &mut PgConnection, import_id: ImportId, by: Option<UserId>, skip_bad: bool) -> Result<()> {
    sqlx::query(
        "update imports
            set state = 'APPLYING', skip_bad = $3, confirmed_by = $2, confirmed_at = now(), stage = null, rows_read = 0,
                worker = null, lease_until = null, tries = 0
          where id = $1",
    )
    .bind(import_id)
    .bind(by)
    .bind(skip_bad)
    .execute(tx)
    .await
    .map(|_| ())
}

pub async fn undone(tx: &mut PgConnection, import_id: ImportId, by: Option<UserId>, reason: &str) -> Result<()> {
    sqlx::query(
        "update imports
            set state = 'UNDONE', undone_at = now(), undone_by = $2, undo_reason = $3
          where id = $1",
    )
    .bind(import_id)
    .bind(by)
    .bind(reason)
    .execute(tx)
    .await
    .map(|_| ())
}

/// With its file and its faults.
pub async fn remove(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query("delete from imports where id = $1").bind(import_id).execute(tx).await.map(|_| ())
}

/// Previews and failures that nobody came back to are dropped after a week; before-images and faults of what was taken
/// over after thirty days, the time in which an undo is possible. The jobs themselves stay.
pub async fn tidy(db: &mut PgConnection) -> Result<u64> {
    let dropped = sqlx::query(
        "delete from imports where state in ('PREVIEWED', 'FAILED') and made_at < now() - interval '7 days'",
    )
    .execute(&mut *db)
    .await?
    .rows_affected();
    sqlx::query(
        "delete from import_changes c
          using imports i
          where i.id = c.import_id
            and (i.state = 'UNDONE' or i.applied_at < now() - interval '30 days')",
    )
    .execute(&mut *db)
    .await?;
    sqlx::query(
        "delete from import_faults f
          using imports i
          where i.id = f.import_id
            and i.applied_at < now() - interval '30 days'",
    )
    .execute(db)
    .await?;
    Ok(dropped)
}

/// With whose rights its rows are judged from now on.
pub async fn judge_as(tx: &mut PgConnection, import_id: ImportId, role: Role) -> Result<()> {
    sqlx::query("update imports set by_role = $2 where id = $1 and state = 'PREVIEWED'")
        .bind(import_id)
        .bind(role.name())
        .execute(tx)
        .await
        .map(|_| ())
}
