//! WeCom (企业微信): the member behind a code of its page.

use super::{
    access_token::{AccessTokens, Fresh},
    ask::{Ask, patiently},
    fault::{BAD_ACCESS_TOKEN, Fault},
    settings::WecomSettings,
};
use crate::hot::Hot;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::sync::Arc;

/// Cheap to clone.
#[derive(Clone)]
pub struct WeCom {
    ask: Ask,
    corp_id: Arc<str>,
    agent_id: Arc<str>,
    secret: SecretString,
    tokens: AccessTokens,
}

/// Of a member; whoever is none has an openid instead.
#[derive(Deserialize)]
struct Found {
    #[serde(default)]
    userid: Option<String>,
}

impl WeCom {
    pub(super) fn new(settings: &WecomSettings, hot: &Hot) -> Result<Self, Fault> {
        Ok(Self {
            ask: Ask::new(&settings.base_url, settings.timeout_ms)?,
            corp_id: settings.corp_id.as_str().into(),
            agent_id: settings.agent_id.as_str().into(),
            secret: settings.secret.as_str().into(),
            tokens: AccessTokens::new(hot, format!("wecom:{}:{}", settings.corp_id, settings.agent_id)),
        })
    }

    pub fn corp_id(&self) -> &str {
        &self.corp_id
    }

    pub fn agent_id(&self) -> &str {
        &self.agent_id
    }

    /// The member behind a code, as our books name one: with the corporation, whose members alone have different names, and
    /// in lower case, as WeCom makes no difference. `None`: somebody who is no member.
    pub async fn member(&self, code: &str) -> Result<Option<String>, Fault> {
        let token = self.access_token(None).await?;
        let found = match self.found(&token, code).await {
            Err(Fault::Code(errcode)) if BAD_ACCESS_TOKEN.contains(&errcode) => {
                let token = self.access_token(Some(&token)).await?;
                self.found(&token, code).await?
            }
            found => found?,
        };
        let userid = found.userid.filter(|userid| !userid.is_empty());
        Ok(userid.map(|userid| format!("{}/{}", self.corp_id, userid.to_lowercase())))
    }

    async fn found(&self, token: &SecretString, code: &str) -> Result<Found, Fault> {
        let query = [("access_token", token.expose_secret()), ("code", code)];
        patiently(async || self.ask.get("/cgi-bin/auth/getuserinfo", &query).await).await
    }

    async fn access_token(&self, bad: Option<&SecretString>) -> Result<SecretString, Fault> {
        let fetch = async {
            let query = [("corpid", &*self.corp_id), ("corpsecret", self.secret.expose_secret())];
            patiently(async || self.ask.get::<Fresh>("/cgi-bin/gettoken", &query).await).await
        };
        self.tokens.current(bad, fetch).await
    }
}
