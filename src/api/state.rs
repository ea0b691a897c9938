//! What handlers work with; filled by the composition root.

use super::problem::Problem;
use crate::{
    auth::{Tokens, password::Passwords},
    storage::Db,
};
use sqlx::{Postgres, pool::PoolConnection};

#[derive(Clone)]
pub struct ApiState {
    pub db: Db,
    pub tokens: Tokens,
    pub passwords: Passwords,
    /// How long somebody stays signed in without coming back.
    pub refresh: chrono::Duration,
}

impl ApiState {
    /// A connection for reading.
    pub async fn connection(&self) -> Result<PoolConnection<Postgres>, Problem> {
        Ok(self.db.0.acquire().await?)
    }
}
