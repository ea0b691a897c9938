//! People who sign in, and the store they act for.

use super::Result;
use crate::domain::{
    ids::{PoolId, StoreId, UserId},
    role::Role,
};
use serde::Serialize;
use sqlx::{PgConnection, Row, postgres::PgRow};

/// Somebody of the chain, as everyone may know them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct User {
    pub user_id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    /// Of store people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<UserStore>,
    /// The pool of the store; headquarters work on the chain's first one.
    #[serde(skip)]
    pub pool: PoolId,
    /// Goes into tokens, see `auth_versions`.
    #[serde(skip)]
    pub auth_version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct UserStore {
    pub store_id: StoreId,
    pub code: String,
    pub name: String,
    pub region: String,
}

/// A login's user with the stored hash. The hash never leaves `auth`.
pub struct Credentials {
    pub user: User,
    pub password_hash: String,
}

macro_rules! select_user {
    ($where:literal) => {
        concat!(
            "select u.id, u.login, u.name, u.role, u.password_hash, u.auth_version,
                    s.id as store_id, s.code as store_code, s.name as store_name, s.region,
                    coalesce(s.pool_id, (select min(id) from pools)) as pool_id
               from users u
               left join stores s on s.id = u.store_id
              where u.active
                and (s.id is null or s.active)
                and ",
            $where
        )
    };
}

/// An active user; one of a closed store is not active either.
pub async fn by_login(db: &mut PgConnection, login: &str) -> Result<Option<Credentials>> {
    let row = sqlx::query(select_user!("u.login = $1")).bind(login).fetch_optional(db).await?;
    row.map(|row| Ok(Credentials { password_hash: row.try_get("password_hash")?, user: user(&row)? })).transpose()
}

pub async fn by_id(db: &mut PgConnection, user_id: UserId) -> Result<Option<User>> {
    let row = sqlx::query(select_user!("u.id = $1")).bind(user_id).fetch_optional(db).await?;
    row.map(|row| user(&row)).transpose()
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
    Ok(User {
        user_id: row.try_get("id")?,
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        role: row.try_get("role")?,
        store: store.transpose()?,
        pool: row.try_get("pool_id")?,
        auth_version: row.try_get("auth_version")?,
    })
}
