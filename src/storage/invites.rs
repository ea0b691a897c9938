//! Codes that let one person in. The books hold only their hash.

use super::{At, Result};
use crate::domain::{
    ids::{InviteId, StoreId, UserId},
    role::Role,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

/// Where an invite stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum InviteState {
    Open,
    Used,
    Revoked,
    Expired,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Invite {
    pub invite_id: InviteId,
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_id: Option<StoreId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_name: Option<String>,
    pub needs_approval: bool,
    pub state: InviteState,
    pub created_by_name: String,
    pub created_at: At,
    pub expires_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_by_name: Option<String>,
}

macro_rules! select_invites {
    ($rest:literal) => {
        concat!(
            "select i.id as invite_id, i.role, i.store_id, s.code as store_code, s.name as store_name, i.needs_approval,
                    case when i.used_at is not null then 'used'
                         when i.revoked_at is not null then 'revoked'
                         when i.expires_at <= now() then 'expired'
                         else 'open'
                    end as state,
                    c.name as created_by_name, i.created_at, i.expires_at, u.name as used_by_name
               from invites i
               join users c on c.id = i.created_by
               left join stores s on s.id = i.store_id
               left join users u on u.id = i.used_by
              where ",
            $rest
        )
    };
}

/// Newest first; one more than `limit`. `store_id`: only those into that store.
pub async fn list(
    db: &mut PgConnection,
    store_id: Option<StoreId>,
    before: Option<InviteId>,
    limit: i64,
) -> Result<Vec<Invite>> {
    sqlx::query_as(select_invites!(
        "($1::uuid is null or i.store_id = $1)
          and ($2::uuid is null or i.id < $2)
        order by i.id desc
        limit $3 + 1"
    ))
    .bind(store_id)
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}

pub async fn by_id(db: &mut PgConnection, invite_id: InviteId) -> Result<Option<Invite>> {
    sqlx::query_as(select_invites!("i.id = $1")).bind(invite_id).fetch_optional(db).await
}

pub struct NewInvite {
    pub invite_id: InviteId,
    pub code_hash: Vec<u8>,
    pub role: Role,
    pub store_id: Option<StoreId>,
    pub needs_approval: bool,
    pub created_by: UserId,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(tx: &mut PgConnection, new: &NewInvite) -> Result<()> {
    sqlx::query(
        "insert into invites (id, code_hash, role, store_id, needs_approval, created_by, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(new.invite_id)
    .bind(&new.code_hash)
    .bind(new.role.name())
    .bind(new.store_id)
    .bind(new.needs_approval)
    .bind(new.created_by)
    .bind(new.expires_at)
    .execute(tx)
    .await
    .map(|_| ())
}

/// What an invite that is still good gives.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Good {
    pub invite_id: InviteId,
    pub role: Role,
    pub store_id: Option<StoreId>,
    pub needs_approval: bool,
}

/// An invite that is open, into a store that is not closed, from somebody who may still invite there.
pub async fn good(db: &mut PgConnection, code_hash: &[u8]) -> Result<Option<Good>> {
    sqlx::query_as(
        "select i.id as invite_id, i.role, i.store_id, i.needs_approval
           from invites i
           join users c on c.id = i.created_by
           left join stores s on s.id = i.store_id
          where i.code_hash = $1
            and c.status = 'active'
            and (c.role = 'admin'
                 or c.role = 'store_manager'
                    and i.role = 'store_staff'
                    and exists (select from user_stores us where us.user_id = c.id and us.store_id = i.store_id))
            and i.used_at is null
            and i.revoked_at is null
            and i.expires_at > now()
            and (s.id is null or s.active)",
    )
    .bind(code_hash)
    .fetch_optional(db)
    .await
}

/// Uses an invite up; `false` when somebody else was faster, or it was revoked or ran out meanwhile.
pub async fn take(tx: &mut PgConnection, invite_id: InviteId, user_id: UserId) -> Result<bool> {
    let taken = sqlx::query(
        "update invites
            set used_by = $2,
                used_at = now()
          where id = $1
            and used_at is null
            and revoked_at is null
            and expires_at > now()",
    )
    .bind(invite_id)
    .bind(user_id)
    .execute(tx)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// `false` when it was used or revoked before.
pub async fn revoke(tx: &mut PgConnection, invite_id: InviteId) -> Result<bool> {
    let revoked = sqlx::query(
        "update invites
            set revoked_at = now()
          where id = $1
            and used_at is null
            and revoked_at is null",
    )
    .bind(invite_id)
    .execute(tx)
    .await?;
    Ok(revoked.rows_affected() == 1)
}
