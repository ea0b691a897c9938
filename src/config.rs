//! Settings. The only file that reads the environment: defaults, then a file, then `GRABORDER_*`, the later wins.
#![expect(clippy::disallowed_methods, reason = "this is the file that the lint points to")]

mod secrets;
#[cfg(test)]
mod tests;

use crate::{
    channels::{WechatSettings, WecomSettings},
    grab::GrabConfig,
    needs::Nightly,
};
use config::{Config, Environment, File, FileFormat};
use secrets::{is_weak, without_password};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, path::PathBuf};

const DEFAULTS: &str = include_str!("../graborder.default.toml");

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub http: Http,
    pub redis: Redis,
    pub postgres: Postgres,
    pub tokens: Tokens,
    pub grab: GrabConfig,
    pub rounds: Rounds,
    pub webhooks: Webhooks,
    pub wechat: WechatSettings,
    pub wecom: WecomSettings,
    pub needs: Needs,
    pub log: Log,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub bind: String,
    pub workers: usize,
    pub origins: Vec<String>,
    pub handshakes_per_s: std::num::NonZeroU32,
    pub heartbeat_ms: i64,
    pub drain_notice_ms: u64,
    pub drain_ms: u64,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// Connections of one address whose caller is not known yet.
    pub guests_per_address: usize,
    /// Of one user, whether anything is asked on them or not.
    pub connections_per_user: usize,
    pub sign_ins_per_minute: u32,
    pub user_requests_per_s: u32,
    /// Of one address, without a good token.
    pub guest_requests_per_s: u32,
    /// A connection on which nothing is asked for so long is ended.
    pub idle_ms: u64,
    pub sockets_per_user: usize,
    pub sockets_per_store: usize,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    pub url: String,
    pub prefix: String,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    pub url: String,
    pub connections: u32,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    pub secret: String,
    pub access_minutes: i64,
    pub refresh_days: i64,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    pub warm_lead_ms: i64,
    pub open_lead_ms: i64,
    pub archive_after_ms: i64,
    /// Above these a round waits for a second person; 0 asks nothing.
    pub hot_value_cents: i64,
    pub hot_scarcity_percent: i64,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Whether webhooks may lead to addresses inside, and without TLS.
    pub allow_private: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    /// The chain-local time of day, `03:00`; empty is never.
    pub nightly_at: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub level: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Json,
    Text,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the settings cannot be read: {0}")]
    Unreadable(#[from] config::ConfigError),
    #[error("{0}")]
    Unfit(String),
}

impl Settings {
    /// Reads defaults, file and environment, and refuses what cannot work.
    pub fn load() -> Result<Self, ConfigError> {
        let settings = Self::read()?;
        settings.check()?;
        Ok(settings)
    }

    fn read() -> Result<Self, ConfigError> {
        let named = var("GRABORDER_CONFIG").map(PathBuf::from);
        let file = match named {
            Some(path) => File::from(path).format(FileFormat::Toml).required(true),
            None => File::from(PathBuf::from("graborder.toml")).format(FileFormat::Toml).required(false),
        };
        let nested: std::collections::HashMap<String, String> =
            std::env::vars().filter(|(name, _)| name.starts_with("GRABORDER_") && name.contains("__")).collect();
        let builder = Config::builder()
            .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
            .add_source(file)
            .add_source(
                Environment::with_prefix("GRABORDER")
                    .prefix_separator("_")
                    .separator("__")
                    .try_parsing(true)
                    .list_separator(",")
                    .with_list_parse_key("http.origins")
                    .with_list_parse_key("http.proxies")
                    .source(Some(nested)),
            )
            .set_override_option("redis.url", var("GRABORDER_REDIS_URL"))?
            .set_override_option("postgres.url", var("DATABASE_URL"))?
            .set_override_option("tokens.secret", var("GRABORDER_TOKEN_SECRET"))?
            // As they are: one that is all digits must not be read as a number.
            .set_override_option("wechat.app_secret", var("GRABORDER_WECHAT__APP_SECRET"))?
            .set_override_option("wecom.secret", var("GRABORDER_WECOM__SECRET"))?;
        Ok(builder.build()?.try_deserialize()?)
    }

    /// Settings of a private instance: given addresses and a secret of its own, everything else by default.
    pub fn private(redis_url: String, postgres_url: String, secret: String) -> Result<Self, ConfigError> {
        let defaults = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml)).build()?;
        let mut settings: Self = defaults.try_deserialize()?;
        settings.redis.url = redis_url;
        settings.postgres.url = postgres_url;
        settings.tokens.secret = secret;
        // Nobody stands before it who would have to be told.
        settings.http.drain_notice_ms = 0;
        settings.http.drain_ms = 500;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let unfit = |why: &str| Err(ConfigError::Unfit(why.to_owned()));
        if self.tokens.secret.len() < 32 {
            return unfit(
                "tokens.secret (GRABORDER_TOKEN_SECRET) must have at least 32 bytes; make one with: openssl rand -hex 32",
            );
        }
        if is_weak(&self.tokens.secret) {
            return unfit(
                "tokens.secret (GRABORDER_TOKEN_SECRET) can be guessed: it repeats itself or comes from an example; make one with: openssl rand -hex 32",
            );
        }
        let http = &self.http;
        let rates = [http.sign_ins_per_minute, http.user_requests_per_s, http.guest_requests_per_s];
        if http.sockets_per_user == 0 || http.sockets_per_store == 0 {
            return unfit("http.sockets_per_user and http.sockets_per_store must be at least 1");
        }
        if http.guests_per_address == 0 || http.connections_per_user == 0 || rates.contains(&0) {
            return unfit(
                "http.guests_per_address, connections_per_user, sign_ins_per_minute, user_requests_per_s and guest_requests_per_s must be at least 1",
            );
        }
        if let Some(odd) = http.origins.iter().find(|origin| !is_origin(origin)) {
            return unfit(&format!(
                "http.origins: \"{odd}\" must be written as a browser sends it: https://shop.example, lower case, no path"
            ));
        }
        if !(1..=24 * 60).contains(&self.tokens.access_minutes) || !(1..=366).contains(&self.tokens.refresh_days) {
            return unfit("tokens: access_minutes from 1 to 1440, refresh_days from 1 to 366");
        }
        if !(1..=16).contains(&self.grab.loops) {
            return unfit("grab.loops must be 1 to 16");
        }
        if !(100..=60_000).contains(&self.http.heartbeat_ms) {
            return unfit("http.heartbeat_ms must be 100 to 60000");
        }
        if self.http.drain_notice_ms + self.http.drain_ms > 300_000 {
            return unfit("http.drain_notice_ms and http.drain_ms may be five minutes together");
        }
        if self.grab.backlog_max < 1 {
            return unfit("grab.backlog_max must be at least 1");
        }
        if !(1_000..=600_000).contains(&self.http.idle_ms) {
            return unfit("http.idle_ms must be 1000 to 600000");
        }
        if self.grab.session_claims_per_s == 0 || self.grab.store_claims_per_s == 0 {
            return unfit("grab.session_claims_per_s and grab.store_claims_per_s must be at least 1");
        }
        if self.postgres.connections < 2 {
            return unfit("postgres.connections must be at least 2");
        }
        if !(0..=86_400_000).contains(&self.rounds.warm_lead_ms)
            || !(0..=self.rounds.warm_lead_ms).contains(&self.rounds.open_lead_ms)
            || self.rounds.archive_after_ms < 0
        {
            return unfit("rounds: 0 <= open_lead_ms <= warm_lead_ms <= one day, archive_after_ms >= 0");
        }
        if self.rounds.hot_value_cents < 0 || self.rounds.hot_scarcity_percent < 0 {
            return unfit("rounds.hot_value_cents and rounds.hot_scarcity_percent must be 0 (off) or more");
        }
        if Nightly::parse(&self.needs.nightly_at).is_none() {
            return unfit("needs.nightly_at must be a time of day as 03:00, or empty for never");
        }
        let prefix = &self.redis.prefix;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return unfit("redis.prefix may hold letters, digits, '-', '_' and '.'");
        }
        self.wechat.check().and_then(|()| self.wecom.check()).map_err(ConfigError::Unfit)
    }

    /// The effective values as TOML-like JSON, secrets blacked out.
    pub fn printed(&self) -> serde_json::Result<String> {
        let mut shown = self.clone();
        shown.tokens.secret = "***".to_owned();
        for secret in [&mut shown.wechat.app_secret, &mut shown.wecom.secret] {
            if !secret.is_empty() {
                *secret = "***".to_owned();
            }
        }
        shown.redis.url = without_password(&shown.redis.url);
        shown.postgres.url = without_password(&shown.postgres.url);
        serde_json::to_string_pretty(&shown)
    }
}

/// As browsers write one: nothing else would ever be equal to it.
fn is_origin(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        !host.is_empty()
            && !host.ends_with('.')
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:[]".contains(&b))
    })
}

/// What a private instance is given by its surroundings: a Redis and a Postgres to use instead of private ones, where to
/// look for programs.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub redis_url: Option<String>,
    pub postgres_url: Option<String>,
    pub path: std::ffi::OsString,
    /// The system's folder for temporary files.
    pub temp_dir: PathBuf,
}

impl Surroundings {
    pub fn read() -> Self {
        Self {
            redis_url: var("GRABORDER_REDIS_URL"),
            postgres_url: var("DATABASE_URL"),
            path: std::env::var_os("PATH").unwrap_or_default(),
            temp_dir: std::env::temp_dir(),
        }
    }

    /// This very program, for those who start nodes of it.
    pub fn program() -> std::io::Result<PathBuf> {
        std::env::current_exe()
    }
}

/// A variable that is set to something.
fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
