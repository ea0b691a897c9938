//! Access tokens of WeChat and WeCom, shared by all nodes: fetched by one of them at a time, kept until shortly before they
//! end.

use super::{Hot, HotError, keys, read};
use secrecy::{ExposeSecret, SecretString};

impl Hot {
    pub async fn access_token(&self, name: &str) -> Result<Option<SecretString>, HotError> {
        let mut get = redis::cmd("GET");
        get.arg(keys::access_token(&self.prefix, name));
        let text: Option<String> = read(self.link.call(&get).await?)?;
        Ok(text.map(SecretString::from))
    }

    pub async fn access_token_put(&self, name: &str, token: &SecretString, life_s: u64) -> Result<(), HotError> {
        let mut set = redis::cmd("SET");
        set.arg(keys::access_token(&self.prefix, name)).arg(token.expose_secret()).arg("EX").arg(life_s);
        self.link.call(&set).await.map(|_| ())
    }

    /// Whether it is ours to fetch the token now. Two who fetch do no harm: the lease only saves calls.
    pub async fn access_lease_take(&self, name: &str, length_ms: u64) -> Result<bool, HotError> {
        let mut set = redis::cmd("SET");
        set.arg(keys::access_lease(&self.prefix, name)).arg("1").arg("NX").arg("PX").arg(length_ms);
        let taken: Option<String> = read(self.link.call(&set).await?)?;
        Ok(taken.is_some())
    }

    pub async fn access_lease_drop(&self, name: &str) -> Result<(), HotError> {
        let mut drop = redis::cmd("DEL");
        drop.arg(keys::access_lease(&self.prefix, name));
        self.link.call(&drop).await.map(|_| ())
    }
}
