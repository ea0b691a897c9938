//! Refresh tokens, by their hash.

use super::Result;
use crate::domain::ids::UserId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub async fn insert(
    db: &mut PgConnection,
    hash: &[u8],
    user_id: UserId,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "with expired as (
             delete from refresh_tokens
              where user_id = $2
                and expires_at <= $4
         )
         insert into refresh_tokens (token_hash, user_id, expires_at, created_at)
         values ($1, $2, $3, $4)",
    )
    .bind(hash)
    .bind(user_id)
    .bind(expires_at)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Puts the new hash in the old one's place, once: of two that try at the same time, the second finds nothing.
pub async fn replace(
    db: &mut PgConnection,
    old: &[u8],
    new: &[u8],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<UserId>> {
    sqlx::query_scalar(
        "update refresh_tokens
            set token_hash = $2,
                expires_at = $3
          where token_hash = $1
            and expires_at > $4
         returning user_id",
    )
    .bind(old)
    .bind(new)
    .bind(expires_at)
    .bind(now)
    .fetch_optional(db)
    .await
}

pub async fn delete(db: &mut PgConnection, hash: &[u8]) -> Result<()> {
    sqlx::query("delete from refresh_tokens where token_hash = $1").bind(hash).execute(db).await?;
    Ok(())
}
