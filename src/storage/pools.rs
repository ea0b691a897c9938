//! The chain's pools.

use super::Result;
use crate::domain::ids::PoolId;
use sqlx::PgConnection;

/// All pools; a chain begins with one.
pub async fn all(db: &mut PgConnection) -> Result<Vec<PoolId>> {
    sqlx::query_scalar("select id from pools order by id").fetch_all(db).await
}

/// Makes a pool; one that exists stays as it is.
pub async fn make(db: &mut PgConnection, pool: &PoolId) -> Result<()> {
    sqlx::query(
        "with made as (insert into pools (id) values ($1) on conflict do nothing)
         insert into pool_out (pool_id) values ($1) on conflict do nothing",
    )
    .bind(pool)
    .execute(db)
    .await
    .map(|_| ())
}

/// All pools; on empty books the first one is made, so that a node can start and ask for its administrator.
pub async fn all_or_first(db: &mut PgConnection) -> Result<Vec<PoolId>> {
    let pools = all(db).await?;
    if !pools.is_empty() {
        return Ok(pools);
    }
    make(db, &PoolId::main()).await?;
    all(db).await
}
