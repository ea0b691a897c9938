//! People who sign in, and the store they act for.

use super::{
    Result,
    admin_actions::{self, Act},
    auth_versions::{self, Changed},
};
use crate::domain::{
    account::UserStatus,
    admin_action::OnKind,
    ids::{PoolId, StoreId, UserId},
    role::Role,
};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row, postgres::PgRow, types::Json};

/// Somebody of the chain, as everyone may know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct User {
    pub user_id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// Of store people: the store that they act for here and now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<UserStore>,
    /// All stores that they may act for, by code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<UserStore>,
    /// The pool of the store; headquarters work on the chain's first one.
    #[serde(skip)]
    pub pool: PoolId,
    /// Goes into tokens, see `auth_versions`.
    #[serde(skip)]
    pub auth_version: i64,
    /// Told beside the user, in the answer to a sign-in.
    #[serde(skip)]
    pub must_change_password: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserStore {
    pub store_id: StoreId,
    pub code: String,
    pub name: String,
    pub region: String,
}

/// A login's user with the stored hash. The hash never leaves `auth`.
pub struct Credentials {
    pub user_id: UserId,
    pub status: UserStatus,
    pub password_hash: String,
}

/// Whoever has this login, whatever their state.
pub async fn credentials(db: &mut PgConnection, login: &str) -> Result<Option<Credentials>> {
    read_credentials(
        sqlx::query("select id, status, password_hash from users where login = $1")
            .bind(login)
            .fetch_optional(db)
            .await?,
    )
}

pub async fn credentials_of(db: &mut PgConnection, user_id: UserId) -> Result<Option<Credentials>> {
    read_credentials(
        sqlx::query("select id, status, password_hash from users where id = $1")
            .bind(user_id)
            .fetch_optional(db)
            .await?,
    )
}

fn read_credentials(row: Option<PgRow>) -> Result<Option<Credentials>> {
    row.map(|row| {
        Ok(Credentials {
            user_id: row.try_get("id")?,
            status: row.try_get("status")?,
            password_hash: row.try_get("password_hash")?,
        })
    })
    .transpose()
}

/// An active user, acting for `store_id` if it is one of theirs, else for their own first store. Somebody all of whose
/// stores are closed is not active either.
pub async fn by_id(db: &mut PgConnection, user_id: UserId, store_id: Option<StoreId>) -> Result<Option<User>> {
    let row = sqlx::query(
        "select u.id, u.login, u.name, u.role, u.auth_version, u.must_change_password,
                s.id as store_id, s.code as store_code, s.name as store_name, s.region,
                coalesce(s.pool_id, (select min(id) from pools)) as pool_id,
                coalesce((select json_agg(json_build_object(
                                   'store_id', t.id, 'code', t.code, 'name', t.name, 'region', t.region) order by t.code)
                            from user_stores us
                            join stores t on t.id = us.store_id
                           where us.user_id = u.id
                             and t.active), '[]') as stores
           from users u
           left join lateral (
                    select t.*
                      from user_stores us
                      join stores t on t.id = us.store_id
                     where us.user_id = u.id
                       and t.active
                     order by t.id = $2 desc nulls last, t.id = u.store_id desc, t.code
                     limit 1) s on true
          where u.id = $1
            and u.status = 'active'
            and (u.store_id is null or s.id is not null)",
    )
    .bind(user_id)
    .bind(store_id)
    .fetch_optional(db)
    .await?;
    row.map(|row| user(&row)).transpose()
}

/// Keeps the user's row as it is until the commit: nobody disables them, or gives them another password, meanwhile.
/// `false`: that has happened already.
pub async fn hold(tx: &mut PgConnection, verified: &Credentials) -> Result<bool> {
    let held: Option<bool> =
        sqlx::query_scalar("select password_hash = $2 and status = 'active' from users where id = $1 for share")
            .bind(verified.user_id)
            .bind(&verified.password_hash)
            .fetch_optional(tx)
            .await?;
    Ok(held.unwrap_or(false))
}

/// To be called in the transaction of everything that changes what a signed-in user may do, as its last change: it is
/// written down, and ends what was signed before. After the commit `api::users::changed` waits until that is felt.
pub async fn changed(tx: &mut PgConnection, user_id: UserId, act: Act<'_>) -> Result<Option<Changed>> {
    noted(tx, user_id, act).await?;
    auth_versions::bump(tx, user_id).await
}

/// Written down only: for what happens to somebody who cannot be signed in yet.
pub async fn noted(tx: &mut PgConnection, user_id: UserId, act: Act<'_>) -> Result<()> {
    admin_actions::write(tx, OnKind::User, user_id.0, act).await
}

fn user(row: &PgRow) -> Result<User> {
    let store_id: Option<StoreId> = row.try_get("store_id")?;
    let store = store_id.map(|store_id| {
        Ok::<_, super::Error>(UserStore {
            store_id,
            code: row.try_get("store_code")?,
            name: row.try_get("store_name")?,
            region: row.try_get("region")?,
        })
    });
    let Json(stores) = row.try_get("stores")?;
    Ok(User {
        user_id: row.try_get("id")?,
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        store: store.transpose()?,
        stores,
        pool: row.try_get("pool_id")?,
        auth_version: row.try_get("auth_version")?,
        must_change_password: row.try_get("must_change_password")?,
    })
}
