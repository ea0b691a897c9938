//! WeChat: the person behind a mini-program's code, and subscribe messages.

use super::{
    access_token::{AccessTokens, Fresh},
    ask::{Ask, patiently},
    fault::{BAD_ACCESS_TOKEN, Fault},
    settings::{ReminderTemplate, ResultTemplate, WechatSettings},
};
use crate::{domain::message::Template, hot::Hot};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Cheap to clone.
#[derive(Clone)]
pub struct WeChat {
    ask: Ask,
    app_id: Arc<str>,
    app_secret: SecretString,
    tokens: AccessTokens,
    reminder: Arc<ReminderTemplate>,
    result: Arc<ResultTemplate>,
}

/// What `jscode2session` answers. It says more, a session key among it: that is not even read.
#[derive(Deserialize)]
struct Session {
    openid: String,
}

#[derive(Deserialize)]
struct Done {}

/// A subscribe message, as WeChat takes it.
#[derive(Serialize)]
pub(super) struct Outgoing<'a> {
    pub touser: &'a str,
    pub template_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub page: &'a str,
    pub data: Value,
}

impl WeChat {
    pub(super) fn new(settings: &WechatSettings, hot: &Hot) -> Result<Self, Fault> {
        Ok(Self {
            ask: Ask::new(&settings.base_url, settings.timeout_ms)?,
            app_id: settings.app_id.as_str().into(),
            app_secret: settings.app_secret.as_str().into(),
            tokens: AccessTokens::new(hot, format!("wechat:{}", settings.app_id)),
            reminder: Arc::new(settings.round_reminder.clone()),
            result: Arc::new(settings.claim_result.clone()),
        })
    }

    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// The id by which WeChat knows a template, if it is set.
    pub fn template_id(&self, template: Template) -> Option<&str> {
        let id = match template {
            Template::RoundReminder => &self.reminder.template_id,
            Template::ClaimResult => &self.result.template_id,
        };
        (!id.is_empty()).then_some(id.as_str())
    }

    pub(super) fn reminder(&self) -> &ReminderTemplate {
        &self.reminder
    }

    pub(super) fn result(&self) -> &ResultTemplate {
        &self.result
    }

    /// Who is behind a code of `wx.login`: good for five minutes and once.
    pub async fn openid(&self, code: &str) -> Result<String, Fault> {
        let query = [
            ("appid", &*self.app_id),
            ("secret", self.app_secret.expose_secret()),
            ("js_code", code),
            ("grant_type", "authorization_code"),
        ];
        let session: Session = patiently(async || self.ask.get("/sns/jscode2session", &query).await).await?;
        if session.openid.is_empty() {
            return Err(Fault::Unreadable("it names nobody"));
        }
        Ok(session.openid)
    }

    /// Sends one message; never asks twice unless the first time can have done nothing.
    pub(super) async fn send(&self, message: &Outgoing<'_>) -> Result<(), Fault> {
        let token = self.access_token(None).await?;
        match self.send_with(&token, message).await {
            Err(Fault::Code(code)) if BAD_ACCESS_TOKEN.contains(&code) => {
                let token = self.access_token(Some(&token)).await?;
                self.send_with(&token, message).await
            }
            done => done,
        }
    }

    async fn send_with(&self, token: &SecretString, message: &Outgoing<'_>) -> Result<(), Fault> {
        let query = [("access_token", token.expose_secret())];
        let Done {} = self.ask.post("/cgi-bin/message/subscribe/send", &query, message).await?;
        Ok(())
    }

    /// The stable one: asked for again, it stays the same, so that two who ask do no harm.
    async fn access_token(&self, bad: Option<&SecretString>) -> Result<SecretString, Fault> {
        let fetch = async {
            let body = json!({
                "grant_type": "client_credential",
                "appid": &*self.app_id,
                "secret": self.app_secret.expose_secret(),
            });
            self.ask.post::<Fresh>("/cgi-bin/stable_token", &[], &body).await
        };
        self.tokens.current(bad, fetch).await
    }
}
