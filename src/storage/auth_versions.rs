//! A user's auth version: raised whenever what somebody may do has changed, and told to every pool in the same
//! transaction. What was signed, opened or sent under an older one counts for nothing.

use super::{
    Result,
    outbox::{self, NewRow},
    pools,
};
use crate::domain::{
    event::Effect,
    ids::{PoolId, UserId},
};
use sqlx::PgConnection;

/// A change that is felt once the transaction has committed and Redis has applied these effects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub user_id: UserId,
    pub auth_version: i64,
    /// Its number in the outbox of every pool.
    pub effects: Vec<(PoolId, i64)>,
}

/// Whoever still has a good sign-in comes back with its refresh token, as what they are now. `None`: there is no such user.
/// Call it last in the transaction: it takes `pool_out`.
pub async fn bump(tx: &mut PgConnection, user_id: UserId) -> Result<Option<Changed>> {
    match raise(tx, user_id).await? {
        Some(auth_version) => tell(tx, user_id, auth_version).await.map(Some),
        None => Ok(None),
    }
}

/// Everybody who was ever changed. Whoever is not among them has version 1.
pub async fn raised(conn: &mut PgConnection) -> Result<Vec<(UserId, i64)>> {
    sqlx::query_as("select id, auth_version from users where auth_version > 1 order by id").fetch_all(conn).await
}

async fn raise(tx: &mut PgConnection, user_id: UserId) -> Result<Option<i64>> {
    sqlx::query_scalar("update users set auth_version = auth_version + 1 where id = $1 returning auth_version")
        .bind(user_id)
        .fetch_optional(tx)
        .await
}

/// The user's row is held to the commit, so that versions and numbers rise together. Pools in the order of their names.
async fn tell(tx: &mut PgConnection, user_id: UserId, auth_version: i64) -> Result<Changed> {
    let mut effects = Vec::new();
    for pool in pools::all(tx).await? {
        let effect = NewRow::Effect(Effect::User { user_id, auth_version });
        let number = outbox::append(tx, &pool, &[effect]).await?;
        effects.push((pool, number));
    }
    Ok(Changed { user_id, auth_version, effects })
}
