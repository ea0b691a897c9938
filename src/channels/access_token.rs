//! The access token of a channel: one for all nodes, in Redis, where it ends five minutes before its house ends it. Whoever
//! finds none takes the lease and fetches one; the others wait for it.

use super::fault::Fault;
use crate::hot::Hot;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::{future::Future, time::Duration};

/// A token that ends within these is renewed, so that none ends under way.
const RENEWED_EARLY_S: u64 = 300;
/// Longer than fetching can take: the time limit of a call is at most ten seconds.
const LEASE_MS: u64 = 12_000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// How long somebody who has not the lease waits for who has: three seconds.
const LOOKS_MAX: u32 = 60;

/// As both houses answer.
#[derive(Deserialize)]
pub(super) struct Fresh {
    #[serde(deserialize_with = "secret")]
    access_token: SecretString,
    expires_in: u64,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

#[derive(Clone)]
pub(super) struct AccessTokens {
    hot: Hot,
    /// Of the channel and of the application: another application has other tokens.
    name: String,
}

impl AccessTokens {
    pub(super) fn new(hot: &Hot, name: String) -> Self {
        Self { hot: hot.clone(), name }
    }

    /// The current one, fetched if there is none. `bad`: one that was refused, so that it counts as none; it is replaced and
    /// never deleted, or a slow caller could take away the one that has come since.
    pub(super) async fn current(
        &self,
        bad: Option<&SecretString>,
        fetch: impl Future<Output = Result<Fresh, Fault>>,
    ) -> Result<SecretString, Fault> {
        for _ in 0..LOOKS_MAX {
            if let Some(token) = self.kept(bad).await? {
                return Ok(token);
            }
            if self.hot.access_lease_take(&self.name, LEASE_MS).await? {
                let fetched = self.fetched(bad, fetch).await;
                // Others need not wait for the lease to run out.
                self.hot.access_lease_drop(&self.name).await?;
                return fetched;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(Fault::NoAccessToken)
    }

    async fn kept(&self, bad: Option<&SecretString>) -> Result<Option<SecretString>, Fault> {
        let kept = self.hot.access_token(&self.name).await?;
        Ok(kept.filter(|kept| bad.is_none_or(|bad| bad.expose_secret() != kept.expose_secret())))
    }

    async fn fetched(
        &self,
        bad: Option<&SecretString>,
        fetch: impl Future<Output = Result<Fresh, Fault>>,
    ) -> Result<SecretString, Fault> {
        // Somebody may have fetched it between our look and our lease.
        if let Some(token) = self.kept(bad).await? {
            return Ok(token);
        }
        let fresh = fetch.await.map_err(|fault| Fault::AccessToken(Box::new(fault)))?;
        // One that is given with little left is not fetched anew by every caller.
        let life_s = fresh.expires_in.saturating_sub(RENEWED_EARLY_S).max(fresh.expires_in / 2).max(1);
        self.hot.access_token_put(&self.name, &fresh.access_token, life_s).await?;
        Ok(fresh.access_token)
    }
}
