//! What an operator sets to switch a channel on.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The chain's mini-program.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WechatSettings {
    pub app_id: String,
    /// Empty: all of it is off.
    pub app_secret: String,
    pub base_url: String,
    pub timeout_ms: u64,
    pub round_reminder: ReminderTemplate,
    pub claim_result: ResultTemplate,
}

/// A subscribe message, and under which of its keywords our words stand. Empty `template_id`: it is not sent.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderTemplate {
    pub template_id: String,
    /// The mini-program's page that a tap opens; empty: none.
    pub page: String,
    pub round: String,
    pub opens_at: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ResultTemplate {
    pub template_id: String,
    pub page: String,
    pub order_no: String,
    pub round: String,
    pub units: String,
}

/// The chain's own application in WeCom.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WecomSettings {
    pub corp_id: String,
    pub agent_id: String,
    /// Empty: all of it is off.
    pub secret: String,
    pub base_url: String,
    pub timeout_ms: u64,
}

impl WechatSettings {
    pub fn is_on(&self) -> bool {
        !self.app_secret.is_empty()
    }

    /// What cannot work, in words.
    pub fn check(&self) -> Result<(), String> {
        if !self.is_on() {
            return Ok(());
        }
        if !is_name(&self.app_id) {
            return Err("wechat.app_id must be set with wechat.app_secret: letters, digits, '-' and '_'".to_owned());
        }
        let (reminder, result) = (&self.round_reminder, &self.claim_result);
        let names = [
            (&reminder.template_id, vec![&reminder.round, &reminder.opens_at]),
            (&result.template_id, vec![&result.order_no, &result.round, &result.units]),
        ];
        for (template_id, keywords) in names {
            let is_whole = is_name(template_id) && keywords.iter().all(|word| is_name(word));
            if !(template_id.is_empty() || is_whole) {
                return Err(
                    "wechat: a template needs its id and its keywords as WeChat shows them, such as thing1".to_owned()
                );
            }
        }
        check_door("wechat", &self.base_url, self.timeout_ms)
    }
}

impl WecomSettings {
    pub fn is_on(&self) -> bool {
        !self.secret.is_empty()
    }

    pub fn check(&self) -> Result<(), String> {
        if !self.is_on() {
            return Ok(());
        }
        if !is_name(&self.corp_id) || !is_name(&self.agent_id) {
            return Err("wecom.corp_id and wecom.agent_id must be set with wecom.secret".to_owned());
        }
        check_door("wecom", &self.base_url, self.timeout_ms)
    }
}

/// Names become parts of keys in Redis and of JSON.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

/// Secrets travel in the address, so it is HTTPS; plain HTTP only to this machine.
fn check_door(section: &str, base_url: &str, timeout_ms: u64) -> Result<(), String> {
    let url = reqwest::Url::parse(base_url).map_err(|_| format!("{section}.base_url is no address"))?;
    let host = url.host_str().unwrap_or_default();
    let here =
        host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(format!("{section}.base_url must begin with https://"));
    }
    if !(100..=10_000).contains(&timeout_ms) {
        return Err(format!("{section}.timeout_ms must be 100 to 10000"));
    }
    Ok(())
}

impl fmt::Debug for WechatSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WechatSettings")
            .field("app_id", &self.app_id)
            .field("on", &self.is_on())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WecomSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WecomSettings")
            .field("corp_id", &self.corp_id)
            .field("on", &self.is_on())
            .finish_non_exhaustive()
    }
}
