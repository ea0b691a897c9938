//! Tells systems elsewhere what happened, as Standard Webhooks describe it (standardwebhooks.com): signed, tried again for
//! three days, never to an address inside the house unless the settings allow it.
//!
//! The outbox becomes messages (`gather`), messages are sent (`deliver`). One node does both, by lease; should two, a message
//! may arrive twice, which its id tells.

mod deliver;
mod gather;
pub mod sign;
pub mod target;

use crate::{
    domain::{clock, ids::PoolId},
    storage::{self, Db, leases, webhooks::messages},
};
use sign::Secrets;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const PACE: Duration = Duration::from_millis(500);
const LEASE: Duration = Duration::from_secs(30);
/// What was told stays to be looked at and told again.
const KEPT: chrono::Duration = chrono::Duration::days(30);
const TIDIED_AT_ONCE: i64 = 500;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error("a webhook's body could not be written: {0}")]
    Unwritable(#[from] serde_json::Error),
    #[error("no client for webhooks: {0}")]
    Client(#[from] reqwest::Error),
}

pub struct Webhooks {
    db: Db,
    pools: Vec<PoolId>,
    secrets: Secrets,
    client: reqwest::Client,
    holder: Uuid,
}

impl Webhooks {
    pub fn new(db: Db, pools: Vec<PoolId>, secrets: Secrets, allow_private: bool) -> Result<Self, Error> {
        let client = target::client(allow_private)?;
        Ok(Self { db, pools, secrets, client, holder: Uuid::now_v7() })
    }

    pub async fn run(self, stop: CancellationToken) {
        let mut well = true;
        loop {
            match self.step().await {
                Ok(()) => well = true,
                Err(error) if well => {
                    well = false;
                    tracing::warn!(%error, "webhooks wait");
                }
                Err(_) => {}
            }
            tokio::select! {
                () = tokio::time::sleep(PACE) => {}
                () = stop.cancelled() => break,
            }
        }
        if let Err(error) = self.let_go().await {
            tracing::debug!(%error, "the lease ends by itself");
        }
    }

    /// Everything that is due now.
    pub async fn step(&self) -> Result<(), Error> {
        let mut db = self.db.0.acquire().await?;
        if !leases::hold(&mut db, "webhooks", self.holder, LEASE).await? {
            return Ok(());
        }
        messages::forget(&mut db, clock::now() - KEPT, TIDIED_AT_ONCE).await?;
        drop(db);
        for pool in &self.pools {
            gather::gather(&self.db, pool).await?;
        }
        deliver::deliver(&self.db, &self.client, &self.secrets).await
    }

    async fn let_go(&self) -> storage::Result<()> {
        leases::release(&mut *self.db.0.acquire().await?, "webhooks", self.holder).await
    }
}
