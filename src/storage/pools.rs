//! The chain's pools.

use super::Result;
use crate::domain::ids::PoolId;
use sqlx::PgConnection;

/// All pools; a chain begins with one.
pub async fn all(db: &mut PgConnection) -> Result<Vec<PoolId>> {
    sqlx::query_scalar("select id from pools order by id").fetch_all(db).await
}
