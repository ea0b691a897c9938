//! Refresh tokens, by their hash.

use super::Result;
use crate::domain::ids::{SignInId, UserId};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A token of the books.
#[derive(Clone, Debug, FromRow)]
pub struct Kept {
    pub user_id: UserId,
    pub sign_in_id: SignInId,
    /// `None` while the token is good: not traded yet.
    pub successor_salt: Option<Vec<u8>>,
    pub attempt_id: Option<Uuid>,
}

/// Puts the first token of a sign-in, or a successor, into the books. What has expired of that user's goes at the same time.
pub async fn insert(
    tx: &mut PgConnection,
    hash: &[u8],
    (user_id, sign_in_id): (UserId, SignInId),
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "with expired as (
             delete from refresh_tokens
              where user_id = $2
                and expires_at <= $5
         )
         insert into refresh_tokens (token_hash, user_id, sign_in_id, expires_at, created_at)
         values ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(user_id)
    .bind(sign_in_id)
    .bind(expires_at)
    .bind(now)
    .execute(tx)
    .await
    .map(|_| ())
}

/// A token that has not expired, traded or not. Which sign-in it belongs to never changes; hold that before looking closer.
pub async fn find(db: &mut PgConnection, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Kept>> {
    sqlx::query_as(
        "select user_id, sign_in_id, successor_salt, attempt_id
           from refresh_tokens
          where token_hash = $1
            and expires_at > $2",
    )
    .bind(hash)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Marks a token as traded; `now` counts, its expiry stays, so that it is known again for as long as a copy could matter.
pub async fn replace(
    tx: &mut PgConnection,
    hash: &[u8],
    salt: &[u8],
    attempt_id: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "update refresh_tokens
            set replaced_at    = $4,
                successor_salt = $2,
                attempt_id     = $3
          where token_hash = $1",
    )
    .bind(hash)
    .bind(salt)
    .bind(attempt_id)
    .bind(now)
    .execute(tx)
    .await
    .map(|_| ())
}

/// Marks whatever is good of a sign-in as traded, for a successor that no old token leads to.
pub async fn replace_all(tx: &mut PgConnection, sign_in_id: SignInId, salt: &[u8], now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "update refresh_tokens
            set replaced_at    = $3,
                successor_salt = $2
          where sign_in_id = $1
            and replaced_at is null",
    )
    .bind(sign_in_id)
    .bind(salt)
    .bind(now)
    .execute(tx)
    .await
    .map(|_| ())
}
