//! What handlers work with; filled by the composition root.

use super::problem::Problem;
use crate::{
    auth::{Tokens, password::Passwords},
    channels::Channels,
    grab::Grab,
    hot::Hot,
    rounds::Rounds,
    storage::Db,
    webhooks::sign::Secrets,
};
use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::{Postgres, pool::PoolConnection};
use tokio_util::sync::CancellationToken;

/// What webhooks may be, and what they sign with.
#[derive(Clone)]
pub struct WebhookTerms {
    pub secrets: Secrets,
    /// Whether they may lead inside.
    pub allow_private: bool,
}

#[derive(Clone)]
pub struct ApiState {
    pub db: Db,
    /// For tickets and for the question whether Redis is there; everything else goes through `rounds` and `grab`.
    pub hot: Hot,
    pub rounds: Rounds,
    pub grab: Grab,
    pub metrics: PrometheusHandle,
    /// Cancelled when the node is going away.
    pub draining: CancellationToken,
    pub tokens: Tokens,
    pub passwords: Passwords,
    /// WeChat and WeCom, as far as they are switched on.
    pub channels: Channels,
    /// How long somebody stays signed in without coming back.
    pub refresh: chrono::Duration,
    /// How long an answer waits for Redis to confirm that a user was changed.
    pub felt_within: std::time::Duration,
    pub webhooks: WebhookTerms,
}

impl ApiState {
    /// A connection for reading.
    pub async fn connection(&self) -> Result<PoolConnection<Postgres>, Problem> {
        Ok(self.db.0.acquire().await?)
    }
}
