//! Making users and changing them.

use super::Result;
use crate::domain::{
    account::UserStatus,
    ids::{StoreId, UserId},
    role::Role,
};
use sqlx::{FromRow, PgConnection};

pub struct NewUser<'a> {
    pub user_id: UserId,
    pub login: &'a str,
    pub password_hash: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub store_id: Option<StoreId>,
    pub status: UserStatus,
}

/// `false`: somebody has this login already.
pub async fn insert(tx: &mut PgConnection, new: &NewUser<'_>) -> Result<bool> {
    let made = sqlx::query(
        "insert into users (id, login, password_hash, name, role, store_id, status)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (login) do nothing",
    )
    .bind(new.user_id)
    .bind(new.login)
    .bind(new.password_hash)
    .bind(new.name)
    .bind(new.role.name())
    .bind(new.store_id)
    .bind(new.status)
    .execute(&mut *tx)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    let stores: Vec<StoreId> = new.store_id.into_iter().collect();
    set_stores(tx, new.user_id, &stores).await?;
    Ok(true)
}

/// A user, held until the commit.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Held {
    pub user_id: UserId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub status: UserStatus,
    pub store_id: Option<StoreId>,
    pub stores: Vec<StoreId>,
    pub regions: Vec<String>,
}

/// Locks the user's row: acts on one user come one after the other.
pub async fn hold(tx: &mut PgConnection, user_id: UserId) -> Result<Option<Held>> {
    if sqlx::query("select from users where id = $1 for no key update")
        .bind(user_id)
        .fetch_optional(&mut *tx)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    // Read once the row is ours, so that what belongs to it is not older.
    sqlx::query_as(
        "select id as user_id, login, name, role, status, store_id,
                array(select us.store_id from user_stores us where us.user_id = u.id order by us.store_id) as stores,
                array(select r.region from user_regions r where r.user_id = u.id order by r.region) as regions
           from users u
          where id = $1",
    )
    .bind(user_id)
    .fetch_optional(tx)
    .await
}

pub async fn set_status(tx: &mut PgConnection, user_id: UserId, status: UserStatus) -> Result<()> {
    sqlx::query("update users set status = $2 where id = $1").bind(user_id).bind(status).execute(tx).await.map(|_| ())
}

/// `must_change`: the password was given by somebody else.
pub async fn set_password(tx: &mut PgConnection, user_id: UserId, hash: &str, must_change: bool) -> Result<()> {
    sqlx::query("update users set password_hash = $2, must_change_password = $3 where id = $1")
        .bind(user_id)
        .bind(hash)
        .bind(must_change)
        .execute(tx)
        .await
        .map(|_| ())
}

/// What a user is, after an edit.
pub struct Terms<'a> {
    pub name: &'a str,
    pub role: Role,
    pub store_id: Option<StoreId>,
    pub stores: &'a [StoreId],
    pub regions: &'a [String],
}

pub async fn set_terms(tx: &mut PgConnection, user_id: UserId, terms: &Terms<'_>) -> Result<()> {
    sqlx::query("update users set name = $2, role = $3, store_id = $4 where id = $1")
        .bind(user_id)
        .bind(terms.name)
        .bind(terms.role.name())
        .bind(terms.store_id)
        .execute(&mut *tx)
        .await?;
    set_stores(tx, user_id, terms.stores).await?;
    sqlx::query("delete from user_regions where user_id = $1").bind(user_id).execute(&mut *tx).await?;
    sqlx::query("insert into user_regions (user_id, region) select $1, * from unnest($2::text[])")
        .bind(user_id)
        .bind(terms.regions)
        .execute(&mut *tx)
        .await?;
    // A device that acted for a store which is no longer theirs goes on with their first one.
    sqlx::query("update sign_ins set store_id = null where user_id = $1 and store_id is not null and store_id <> all($2::uuid[])")
        .bind(user_id)
        .bind(terms.stores)
        .execute(tx)
        .await
        .map(|_| ())
}

async fn set_stores(tx: &mut PgConnection, user_id: UserId, stores: &[StoreId]) -> Result<()> {
    sqlx::query("delete from user_stores where user_id = $1 and store_id <> all($2::uuid[])")
        .bind(user_id)
        .bind(stores)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into user_stores (user_id, store_id) select $1, * from unnest($2::uuid[]) on conflict do nothing",
    )
    .bind(user_id)
    .bind(stores)
    .execute(tx)
    .await
    .map(|_| ())
}

/// Which of these stores exist and are open.
pub async fn open_stores(db: &mut PgConnection, stores: &[StoreId]) -> Result<Vec<StoreId>> {
    sqlx::query_scalar("select id from stores where id = any($1) and active").bind(stores).fetch_all(db).await
}

/// Which of these regions have a store.
pub async fn known_regions(db: &mut PgConnection, regions: &[String]) -> Result<Vec<String>> {
    sqlx::query_scalar("select distinct region from stores where region = any($1)").bind(regions).fetch_all(db).await
}

/// Whether an active administrator but this one remains. Takes the rows of all, so that two who send each other away do
/// not both succeed; call it before anything else is locked.
pub async fn another_admin(tx: &mut PgConnection, user_id: UserId) -> Result<bool> {
    let all: Vec<UserId> = sqlx::query_scalar(
        "select id from users where role = 'admin' and status = 'active' order by id for no key update",
    )
    .fetch_all(tx)
    .await?;
    Ok(all.iter().any(|id| *id != user_id))
}

/// All stores that somebody may act for.
pub async fn stores_of(db: &mut PgConnection, user_id: UserId) -> Result<Vec<StoreId>> {
    sqlx::query_scalar("select store_id from user_stores where user_id = $1").bind(user_id).fetch_all(db).await
}
