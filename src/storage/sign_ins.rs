//! Devices on which people are signed in.

use super::{At, Result};
use crate::domain::ids::{SignInId, StoreId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

/// Why a device is signed in no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum EndedWhy {
    SignedOut,
    /// By its owner, from the list of devices.
    Removed,
    Everywhere,
    /// The password was changed or reset.
    Password,
    Disabled,
    /// A token was shown that had been traded before: somebody has a copy.
    TokenReused,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Device {
    pub sign_in_id: SignInId,
    /// What the device calls itself.
    pub label: String,
    pub created_at: At,
    /// When it last got an access token.
    pub last_seen_at: At,
    /// Present once it is signed in no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_why: Option<EndedWhy>,
    /// The one that asks.
    pub this: bool,
}

/// More than these nobody looks at.
const DEVICES_MAX: i64 = 50;

/// Those signed in, and those that were until lately; newest first.
pub async fn devices(
    db: &mut PgConnection,
    user_id: UserId,
    own: Option<SignInId>,
    ended_since: DateTime<Utc>,
    expired_since: DateTime<Utc>,
) -> Result<Vec<Device>> {
    sqlx::query_as(
        "select id as sign_in_id, label, created_at, last_seen_at, ended_at, ended_why, coalesce(id = $2, false) as this
           from sign_ins
          where user_id = $1
            and (ended_at is null and last_seen_at > $4 or ended_at > $3)
          order by ended_at is not null, last_seen_at desc
          limit $5",
    )
    .bind(user_id)
    .bind(own)
    .bind(ended_since)
    .bind(expired_since)
    .bind(DEVICES_MAX)
    .fetch_all(db)
    .await
}

pub struct NewSignIn<'a> {
    pub sign_in_id: SignInId,
    pub user_id: UserId,
    pub store_id: Option<StoreId>,
    pub label: &'a str,
}

pub async fn insert(tx: &mut PgConnection, new: &NewSignIn<'_>, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "insert into sign_ins (id, user_id, store_id, label, created_at, last_seen_at)
         values ($1, $2, $3, $4, $5, $5)",
    )
    .bind(new.sign_in_id)
    .bind(new.user_id)
    .bind(new.store_id)
    .bind(new.label)
    .bind(now)
    .execute(tx)
    .await
    .map(|_| ())
}

/// A sign-in that is good, held until the commit.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Held {
    pub user_id: UserId,
    pub store_id: Option<StoreId>,
}

/// Notes that the device was here, and holds the sign-in: it cannot end meanwhile. `None`: it has ended.
pub async fn hold(tx: &mut PgConnection, sign_in_id: SignInId, now: DateTime<Utc>) -> Result<Option<Held>> {
    sqlx::query_as(
        "update sign_ins
            set last_seen_at = $2
          where id = $1
            and ended_at is null
         returning user_id, store_id",
    )
    .bind(sign_in_id)
    .bind(now)
    .fetch_optional(tx)
    .await
}

pub async fn act_for(tx: &mut PgConnection, sign_in_id: SignInId, store_id: StoreId) -> Result<()> {
    sqlx::query("update sign_ins set store_id = $2 where id = $1")
        .bind(sign_in_id)
        .bind(store_id)
        .execute(tx)
        .await
        .map(|_| ())
}

/// Ends one sign-in of this user with its tokens; `false` when there is none that is good.
pub async fn end(tx: &mut PgConnection, user_id: UserId, sign_in_id: SignInId, why: EndedWhy) -> Result<bool> {
    Ok(end_some(tx, user_id, Some(sign_in_id), None, why).await? > 0)
}

/// Ends all sign-ins of a user with their tokens, but for one if it is named.
pub async fn end_all(tx: &mut PgConnection, user_id: UserId, but: Option<SignInId>, why: EndedWhy) -> Result<u64> {
    end_some(tx, user_id, None, but, why).await
}

/// The sign-ins first and their tokens in a statement of its own: a trade that runs holds its sign-in, so that its new
/// token is there to be deleted once the sign-in is ours.
async fn end_some(
    tx: &mut PgConnection,
    user_id: UserId,
    only: Option<SignInId>,
    but: Option<SignInId>,
    why: EndedWhy,
) -> Result<u64> {
    let ended = sqlx::query(
        "update sign_ins
            set ended_at  = now(),
                ended_why = $4
          where user_id = $1
            and ($2::uuid is null or id = $2)
            and ($3::uuid is null or id <> $3)
            and ended_at is null",
    )
    .bind(user_id)
    .bind(only)
    .bind(but)
    .bind(why)
    .execute(&mut *tx)
    .await?
    .rows_affected();
    sqlx::query(
        "delete from refresh_tokens t
          using sign_ins s
          where t.user_id = $1
            and s.id = t.sign_in_id
            and s.ended_at is not null",
    )
    .bind(user_id)
    .execute(tx)
    .await?;
    Ok(ended)
}

/// Forgets sign-ins that ended, or were last seen, before then, with their expired tokens; so many at a time. How many went.
pub async fn forget(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<u64> {
    sqlx::query(
        "with old as (
             select id
               from sign_ins
              where coalesce(ended_at, last_seen_at) < $1
                and last_seen_at < $1
                and not exists (select from refresh_tokens where sign_in_id = sign_ins.id and expires_at > now())
              limit $2
                for update skip locked
         ), tokens as (
             delete from refresh_tokens
              where sign_in_id in (select id from old)
         )
         delete from sign_ins
          where id in (select id from old)",
    )
    .bind(before)
    .bind(limit)
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}
