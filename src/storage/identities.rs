//! Whom another house knows as one of our users. Lock order: the user's row first, then this one.

use super::Result;
use crate::domain::{account::UserStatus, ids::UserId, provider::Provider};
use sqlx::PgConnection;

/// Who is bound to this person of the other house, and how they stand, kept so until the commit: nobody disables them or
/// unbinds the two meanwhile.
pub async fn hold(tx: &mut PgConnection, provider: Provider, subject: &str) -> Result<Option<(UserId, UserStatus)>> {
    let Some(user_id) = user_of(tx, provider, subject).await? else { return Ok(None) };
    let status: Option<UserStatus> = sqlx::query_scalar("select status from users where id = $1 for share")
        .bind(user_id)
        .fetch_optional(&mut *tx)
        .await?;
    // Both could have been parted while we waited for the row.
    let still = user_of(tx, provider, subject).await? == Some(user_id);
    Ok(status.filter(|_| still).map(|status| (user_id, status)))
}

async fn user_of(db: &mut PgConnection, provider: Provider, subject: &str) -> Result<Option<UserId>> {
    sqlx::query_scalar("select user_id from identities where provider = $1 and subject = $2")
        .bind(provider)
        .bind(subject)
        .fetch_optional(db)
        .await
}

/// What came of binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    New,
    /// These two are bound already.
    Known,
    /// One of the two is bound to somebody else.
    Taken,
}

pub async fn bind(tx: &mut PgConnection, user_id: UserId, provider: Provider, subject: &str) -> Result<Binding> {
    let made = sqlx::query(
        "insert into identities (provider, subject, user_id)
         values ($1, $2, $3)
         on conflict do nothing",
    )
    .bind(provider)
    .bind(subject)
    .bind(user_id)
    .execute(&mut *tx)
    .await?;
    if made.rows_affected() == 1 {
        return Ok(Binding::New);
    }
    let known = user_of(tx, provider, subject).await? == Some(user_id);
    Ok(if known { Binding::Known } else { Binding::Taken })
}

/// `false`: nothing was bound.
pub async fn unbind(tx: &mut PgConnection, user_id: UserId, provider: Provider) -> Result<bool> {
    let gone = sqlx::query("delete from identities where user_id = $1 and provider = $2")
        .bind(user_id)
        .bind(provider)
        .execute(tx)
        .await?;
    Ok(gone.rows_affected() == 1)
}

/// Everything that is bound to a user; what it was.
pub async fn unbind_all(tx: &mut PgConnection, user_id: UserId) -> Result<Vec<Provider>> {
    sqlx::query_scalar("delete from identities where user_id = $1 returning provider").bind(user_id).fetch_all(tx).await
}

pub async fn of_user(db: &mut PgConnection, user_id: UserId) -> Result<Vec<Provider>> {
    sqlx::query_scalar("select provider from identities where user_id = $1 order by provider")
        .bind(user_id)
        .fetch_all(db)
        .await
}
