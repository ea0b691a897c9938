//! Handing a file over and taking it over, by HTTP or on the command line.

use crate::{
    domain::{
        admin_action::{Action, OnKind},
        ids::{ImportId, UserId},
        import::{Encoding, ImportKind, ImportState},
        role::Role,
    },
    storage::{
        self, Db, Tx,
        admin_actions::{self, Act},
        imports::{
            file,
            jobs::{self, JobView, NewJob},
        },
    },
};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// Files that one user may have under way: being read, waiting to be confirmed, being written.
const OPEN_PER_USER_MAX: i64 = 5;
/// And all users together: 50 files of 32 MiB.
const OPEN_MAX: i64 = 50;

pub struct Handed<'a> {
    pub kind: ImportKind,
    pub bytes: &'a [u8],
    pub file_name: &'a str,
    pub encoding: Option<Encoding>,
    /// Although the very file was taken over before.
    pub again: bool,
    /// `None`: the command line.
    pub by_user: Option<UserId>,
    pub by_role: Role,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// A node will read it at once.
    Job(ImportId),
    /// That very file was taken over by this job and not undone.
    AppliedBefore(ImportId),
    /// Too many files are under way: of this user, or of everybody.
    Full,
}

pub async fn hand_in(db: &Db, handed: &Handed<'_>) -> storage::Result<Given> {
    let sha256 = Sha256::digest(handed.bytes).to_vec();
    let mut tx = Tx::begin(db).await?;
    jobs::lock_counting(&mut tx).await?;
    let before = if handed.again { None } else { jobs::applied_before(&mut tx, handed.kind, &sha256).await? };
    let (own, all) = jobs::open(&mut tx, handed.by_user).await?;
    let refused = match before {
        Some(import_id) => Some(Given::AppliedBefore(import_id)),
        None if own >= OPEN_PER_USER_MAX || all >= OPEN_MAX => Some(Given::Full),
        None => None,
    };
    if let Some(refused) = refused {
        tx.rollback().await?;
        return Ok(refused);
    }
    let import_id = ImportId::new();
    let job = NewJob {
        import_id,
        kind: handed.kind,
        file_name: handed.file_name,
        file_bytes: i64::try_from(handed.bytes.len()).unwrap_or(i64::MAX),
        sha256: &sha256,
        encoding_said: handed.encoding,
        again: handed.again,
        by_user: handed.by_user,
        by_role: handed.by_role,
    };
    jobs::insert(&mut tx, &job).await?;
    file::write(&mut tx, import_id, handed.bytes).await?;
    tx.commit().await?;
    Ok(Given::Job(import_id))
}

/// What becomes of somebody's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// A node takes it over at once.
    Now,
    /// It was confirmed before: nothing is done twice.
    Before,
    /// Some rows have errors and were not said to be skipped, or none is good.
    BadRows,
    /// The very file was taken over by another job.
    AppliedBefore,
    WrongState,
}

/// The job is locked. Only `Now` changes anything.
pub async fn confirm(
    tx: &mut PgConnection,
    job: &JobView,
    by: Option<UserId>,
    skip_bad: bool,
    reason: &str,
) -> storage::Result<Confirmed> {
    match job.state {
        ImportState::Previewed => {}
        ImportState::Applying | ImportState::Applied => return Ok(Confirmed::Before),
        _ => return Ok(Confirmed::WrongState),
    }
    if job.good_rows == 0 || job.bad_rows > 0 && !skip_bad {
        return Ok(Confirmed::BadRows);
    }
    if !job.again && jobs::applied_before(tx, job.kind, &job.sha256).await?.is_some() {
        return Ok(Confirmed::AppliedBefore);
    }
    jobs::confirm(tx, job.import_id, by, skip_bad).await?;
    let act = Act::new(by, Action::ImportConfirmed, reason).after(json!({
        "kind": job.kind, "name": job.file_name, "good_rows": job.good_rows, "bad_rows": job.bad_rows,
    }));
    admin_actions::write(tx, OnKind::Import, job.import_id.0, act).await?;
    Ok(Confirmed::Now)
}
