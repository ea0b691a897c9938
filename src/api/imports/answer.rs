//! A job as it is shown, and who may see and touch it: whoever feeds its kind sees it; who handed it over touches it, and
//! an administrator.

use crate::{
    api::problem::{Kind, Problem},
    auth::Session,
    domain::{
        ids::{ImportId, UserId},
        import::{ImportKind, ImportStage, ImportState},
        lang::Lang,
        role::Role,
    },
    import::Preview,
    storage::{
        At, Tx,
        imports::jobs::{self, JobView},
    },
};
use serde::Serialize;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportJob {
    pub import_id: ImportId,
    pub kind: ImportKind,
    pub state: ImportState,
    /// As the sender calls it; may be empty.
    pub name: String,
    pub bytes: i64,
    /// Of the file, in hex.
    pub sha256: String,
    pub made_at: At,
    /// Absent: the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_user: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    /// True in the answer to a file that this job took over before: nothing was done.
    pub already_applied: bool,
    pub progress: Progress,
    /// Rows that may be taken over, or were.
    pub good_rows: i64,
    /// Rows with errors; they stay out.
    pub bad_rows: i64,
    /// From PREVIEWED on; lists leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failed>,
    /// As confirmed.
    pub skip_bad: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<At>,
    /// Until then it can be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_until: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_reason: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Progress {
    /// Present while a node works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<ImportStage>,
    pub rows_read: i64,
    /// Absent while it is not known; before the end it is near enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_total: Option<i64>,
}

/// Why nothing came of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Failed {
    /// Stable.
    pub code: String,
    /// A sentence that says what to do, in the language of `Accept-Language`.
    pub text: String,
}

impl ImportJob {
    pub fn of(view: JobView, lang: Lang) -> Self {
        Self {
            import_id: view.import_id,
            kind: view.kind,
            state: view.state,
            name: view.file_name,
            bytes: view.file_bytes,
            sha256: hex::encode(view.sha256),
            made_at: view.made_at,
            by_user: view.by_user,
            by_name: view.by_name,
            already_applied: false,
            progress: Progress { stage: view.stage, rows_read: view.rows_read, rows_total: view.rows_total },
            good_rows: view.good_rows,
            bad_rows: view.bad_rows,
            preview: view.preview.and_then(|preview| serde_json::from_value(preview.0).ok()),
            failed: view
                .failed
                .map(|failed| Failed { code: failed.0.code.name().to_owned(), text: failed.0.sentence(lang) }),
            skip_bad: view.skip_bad,
            confirmed_at: view.confirmed_at,
            confirmed_by_name: view.confirmed_by_name,
            applied_at: view.applied_at,
            undo_until: view.undo_until,
            undone_at: view.undone_at,
            undone_by_name: view.undone_by_name,
            undo_reason: view.undo_reason,
        }
    }
}

/// What this person may feed, and so may see.
pub fn kinds(session: &Session) -> Vec<ImportKind> {
    ImportKind::fed_by(session.role)
}

/// Locks a job that this person may touch; the transaction ends when there is none.
pub async fn hold(mut tx: Tx, session: &Session, import_id: ImportId) -> Result<(Tx, JobView), Problem> {
    let found = jobs::hold(&mut tx, &kinds(session), import_id).await?;
    let refused = match found {
        Some(job) if session.role == Role::Admin || job.by_user == Some(session.user_id) => return Ok((tx, job)),
        Some(_) => Kind::NotAllowed,
        None => Kind::NotFound,
    };
    Err(refuse(tx, refused.into()).await)
}

/// Nothing is changed, and why.
pub async fn refuse(tx: Tx, problem: Problem) -> Problem {
    tx.rollback().await.map_or_else(Problem::from, |()| problem)
}

/// The job after a step, which is in the books now.
pub async fn finish(mut tx: Tx, session: &Session, import_id: ImportId, lang: Lang) -> Result<ImportJob, Problem> {
    let view = jobs::job(&mut tx, &kinds(session), import_id).await?.ok_or(Kind::NotFound)?;
    tx.commit().await?;
    Ok(ImportJob::of(view, lang))
}
