//! Guessing ends after five wrong passwords for a login, whether anybody has that login or not.

use crate::storage::{self, lock_out};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// A try that was counted; its end says how it went.
#[derive(Debug)]
pub struct Try {
    login_hash: Vec<u8>,
    at: DateTime<Utc>,
}

/// What somebody who wants to try is told.
#[derive(Debug)]
pub enum Entry {
    Counted(Try),
    /// The login rests for so long.
    Locked {
        retry_after_ms: i64,
    },
}

pub async fn begin(db: &mut PgConnection, login: &str, now: DateTime<Utc>) -> storage::Result<Entry> {
    // As Postgres keeps it, or the try would not be found again.
    let at = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
    let login_hash = Sha256::digest(login).to_vec();
    Ok(match lock_out::begin_try(db, &login_hash, at).await? {
        Some(until) => Entry::Locked { retry_after_ms: (until - now).num_milliseconds().max(1000) },
        None => Entry::Counted(Try { login_hash, at }),
    })
}

impl Try {
    /// The password was right.
    pub async fn right(self, db: &mut PgConnection) -> storage::Result<()> {
        lock_out::forgive(db, &self.login_hash).await
    }

    /// Nobody looked at the password.
    pub async fn not_made(self, db: &mut PgConnection) -> storage::Result<()> {
        lock_out::forget_try(db, &self.login_hash, self.at).await
    }
}

/// The login rests no longer: its user was given a new password.
pub async fn lift(tx: &mut PgConnection, login: &str) -> storage::Result<()> {
    lock_out::forgive(tx, &Sha256::digest(login)).await
}
