//! Users as those who look after them read them.

use super::{At, Result, users::UserStore};
use crate::domain::{
    account::UserStatus,
    ids::{StoreId, UserId},
    role::Role,
};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct UserItem {
    pub user_id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub status: UserStatus,
    pub must_change_password: bool,
    /// By code.
    #[sqlx(json)]
    pub stores: Vec<UserStore>,
    /// Of a supervisor; none means the whole chain.
    pub regions: Vec<String>,
    pub created_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<At>,
}

macro_rules! select_users {
    ($rest:literal) => {
        concat!(
            "select u.id as user_id, u.login, u.name, u.role, u.status, u.must_change_password, u.created_at,
                    coalesce((select json_agg(json_build_object(
                                       'store_id', s.id, 'code', s.code, 'name', s.name, 'region', s.region) order by s.code)
                                from user_stores us
                                join stores s on s.id = us.store_id
                               where us.user_id = u.id), '[]') as stores,
                    array(select r.region from user_regions r where r.user_id = u.id order by r.region) as regions,
                    (select max(i.last_seen_at) from sign_ins i where i.user_id = u.id) as last_seen_at
               from users u
              where ",
            $rest
        )
    };
}

#[derive(Clone, Copy, Debug, Default)]
pub struct UserFilter<'a> {
    /// Only those who may act for this store.
    pub store_id: Option<StoreId>,
    pub status: Option<UserStatus>,
    /// Looked for in login and name as it stands.
    pub text: Option<&'a str>,
    /// Only logins after this one.
    pub after: Option<&'a str>,
}

/// By login; one more than `limit`.
pub async fn list(db: &mut PgConnection, filter: UserFilter<'_>, limit: i64) -> Result<Vec<UserItem>> {
    sqlx::query_as(select_users!(
        "($1::uuid is null or exists (select from user_stores us where us.user_id = u.id and us.store_id = $1))
          and ($2::text is null or u.status = $2)
          and ($3::text is null or position(lower($3) in lower(u.login || ' ' || u.name)) > 0)
          and ($4::text is null or u.login > $4)
        order by u.login
        limit $5 + 1"
    ))
    .bind(filter.store_id)
    .bind(filter.status)
    .bind(filter.text)
    .bind(filter.after)
    .bind(limit)
    .fetch_all(db)
    .await
}

pub async fn by_id(db: &mut PgConnection, user_id: UserId) -> Result<Option<UserItem>> {
    sqlx::query_as(select_users!("u.id = $1")).bind(user_id).fetch_optional(db).await
}
