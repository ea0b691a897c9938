//! Handing a file over, by HTTP or on the command line.

use crate::{
    domain::{
        ids::{ImportId, UserId},
        import::{Encoding, ImportKind},
        role::Role,
    },
    storage::{
        self, Db, Tx,
        imports::{
            file,
            jobs::{self, NewJob},
        },
    },
};
use sha2::{Digest, Sha256};

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
