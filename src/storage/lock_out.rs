//! Wrong passwords by login: after five within fifteen minutes the login rests for as long.
//!
//! A try is counted before its password is checked, and taken back when it was right: of a hundred guesses sent at once no
//! more than five are looked at.

use super::Result;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

pub const FAILURES_MAX: i32 = 5;
pub const WINDOW: Duration = Duration::minutes(15);
/// Rows that nobody needs any more go with the tries that come later, a few at a time.
const FORGOTTEN_AT_ONCE: i64 = 20;

/// Counts a try. `Some`: the login rests until then, and the password must not even be checked.
pub async fn begin_try(db: &mut PgConnection, login_hash: &[u8], now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    sqlx::query(
        "delete from sign_in_failures
          where login_hash in (select login_hash
                                 from sign_in_failures
                                where last_at < $1
                                limit $2
                                  for update skip locked)",
    )
    .bind(now - WINDOW)
    .bind(FORGOTTEN_AT_ONCE)
    .execute(&mut *db)
    .await?;
    // Nothing is changed while the login rests: whoever goes on trying does not make it longer.
    let counted: Option<bool> = sqlx::query_scalar(
        "insert into sign_in_failures as f (login_hash, failed_at, last_at)
         values ($1, array[$2::timestamptz], $2)
         on conflict (login_hash) do update
            set failed_at    = (f.failed_at || $2)[greatest(1, cardinality(f.failed_at) + 2 - $3):],
                locked_until = case when cardinality(f.failed_at) + 1 >= $3
                                     and f.failed_at[cardinality(f.failed_at) + 2 - $3] > $2 - $4::interval
                                    then $2 + $4::interval
                               end,
                last_at      = $2
          where f.locked_until is null or f.locked_until <= $2
         returning true",
    )
    .bind(login_hash)
    .bind(now)
    .bind(FAILURES_MAX)
    .bind(WINDOW)
    .fetch_optional(&mut *db)
    .await?;
    if counted.is_some() {
        return Ok(None);
    }
    sqlx::query_scalar("select locked_until from sign_in_failures where login_hash = $1")
        .bind(login_hash)
        .fetch_optional(db)
        .await
        .map(Option::flatten)
}

/// The password was right: nothing stands against this login any more.
pub async fn forgive(db: &mut PgConnection, login_hash: &[u8]) -> Result<()> {
    sqlx::query("delete from sign_in_failures where login_hash = $1").bind(login_hash).execute(db).await.map(|_| ())
}

/// Takes back one try that was not looked at after all.
pub async fn forget_try(db: &mut PgConnection, login_hash: &[u8], tried_at: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "update sign_in_failures
            set failed_at    = array_remove(failed_at, $2),
                locked_until = null
          where login_hash = $1
            and $2 = any(failed_at)",
    )
    .bind(login_hash)
    .bind(tried_at)
    .execute(db)
    .await
    .map(|_| ())
}
