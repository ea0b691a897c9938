//! Books without an administrator: how a chain begins.

use super::{
    Result,
    admin_actions::Act,
    pools,
    user_edit::{self, NewUser},
    users,
};
use crate::domain::{
    account::UserStatus,
    admin_action::Action,
    ids::{PoolId, UserId},
    role::Role,
};
use sqlx::PgConnection;

pub async fn has_admin(db: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar("select exists (select from users where role = 'admin' and status = 'active')")
        .fetch_one(db)
        .await
}

/// Of two who begin in the same moment, one waits for the other, and then sees an administrator.
pub async fn lock(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('graborder first start'))").execute(tx).await.map(|_| ())
}

/// Makes an administrator, and the chain with its first pool where there is none. `None`: the login is taken.
pub async fn make_admin(
    tx: &mut PgConnection,
    login: &str,
    name: &str,
    password_hash: &str,
    chain_name: &str,
) -> Result<Option<UserId>> {
    pools::make(tx, &PoolId::main()).await?;
    sqlx::query(
        "insert into chain (name, currency, time_zone)
         values ($1, 'CNY', 'Asia/Shanghai')
         on conflict (one) do nothing",
    )
    .bind(chain_name)
    .execute(&mut *tx)
    .await?;
    let user_id = UserId::new();
    let new =
        NewUser { user_id, login, password_hash, name, role: Role::Admin, store_id: None, status: UserStatus::Active };
    if !user_edit::insert(tx, &new).await? {
        return Ok(None);
    }
    users::noted(tx, user_id, Act::new(None, Action::AdminCreated, "")).await?;
    Ok(Some(user_id))
}
