//! Settings. The only file that reads the environment: defaults, then a file, then `GRABORDER_*`, the later wins.
#![expect(clippy::disallowed_methods, reason = "this is the file that the lint points to")]

use crate::grab::GrabConfig;
use config::{Config, Environment, File, FileFormat};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr, path::PathBuf};

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
    pub sign_ins_per_minute: u32,
    pub user_requests_per_s: u32,
    /// Of one address, without a good token.
    pub guest_requests_per_s: u32,
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

/// A settings value in a log or a panic shows what `graborder config` shows.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.printed().map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("url", &without_password(&self.url)).field("prefix", &self.prefix).finish()
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = without_password(&self.url);
        f.debug_struct("Postgres").field("url", &url).field("connections", &self.connections).finish()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("access_minutes", &self.access_minutes).finish_non_exhaustive()
    }
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
            .set_override_option("tokens.secret", var("GRABORDER_TOKEN_SECRET"))?;
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
        if http.guests_per_address == 0 || rates.contains(&0) {
            return unfit(
                "http.guests_per_address, sign_ins_per_minute, user_requests_per_s and guest_requests_per_s must be at least 1",
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
        let prefix = &self.redis.prefix;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return unfit("redis.prefix may hold letters, digits, '-', '_' and '.'");
        }
        Ok(())
    }

    /// The effective values as TOML-like JSON, secrets blacked out.
    pub fn printed(&self) -> serde_json::Result<String> {
        let mut shown = self.clone();
        shown.tokens.secret = "***".to_owned();
        shown.redis.url = without_password(&shown.redis.url);
        shown.postgres.url = without_password(&shown.postgres.url);
        serde_json::to_string_pretty(&shown)
    }
}

/// A secret that holds too few different signs, repeats a short piece, or is somebody's placeholder.
fn is_weak(secret: &str) -> bool {
    let bytes = secret.as_bytes();
    let different = bytes.iter().collect::<std::collections::HashSet<_>>().len();
    let repeats = (1..=8).any(|piece| bytes.iter().zip(bytes.iter().skip(piece)).all(|(one, next)| one == next));
    let plain: String = secret.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let placeholder = ["changeme", "replaceme", "yoursecret", "placeholder", "password", "0123456789abcdef0123"];
    different < 8 || repeats || placeholder.iter().any(|word| plain.contains(word))
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

/// The address without what stands between the user's name and the `@`.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}:***{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: &str = "6f3c0e9b7a5d48c1b2e4f09a8d7c6b53";

    #[test]
    fn the_defaults_are_whole_and_a_short_secret_is_refused() {
        let make = |secret: &str| Settings::private("redis://h".into(), "postgres://h".into(), secret.into());
        assert!(make(STRONG).is_ok());
        assert!(matches!(make("short"), Err(ConfigError::Unfit(_))));
        assert!(matches!(make(&STRONG[..31]), Err(ConfigError::Unfit(_))));
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        for weak in [
            "x".repeat(64),
            "abc123".repeat(10),
            "secret01".repeat(4),
            "change-me-change-me-change-me-please".to_owned(),
            "YOUR_SECRET_goes_here_with_32_bytes!".to_owned(),
            "correct-horse-password-staple-2026-x".to_owned(),
            "0123456789abcdef0123456789abcdef".to_owned(),
            " ".repeat(40),
        ] {
            let made = Settings::private("redis://h".into(), "postgres://h".into(), weak.clone());
            assert!(matches!(made, Err(ConfigError::Unfit(_))), "{weak}");
        }
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let make = |change: fn(&mut Settings)| {
            let mut settings =
                Settings::private("redis://h".into(), "postgres://h".into(), STRONG.into()).expect("fits");
            change(&mut settings);
            settings.check()
        };
        assert!(make(|_| ()).is_ok());
        assert!(make(|settings| settings.http.origins = vec!["https://shop.example:8443".to_owned()]).is_ok());
        for change in [
            (|settings| settings.http.guests_per_address = 0) as fn(&mut Settings),
            |settings| settings.http.sign_ins_per_minute = 0,
            |settings| settings.http.user_requests_per_s = 0,
            |settings| settings.http.guest_requests_per_s = 0,
            |settings| settings.http.sockets_per_user = 0,
            |settings| settings.http.sockets_per_store = 0,
            |settings| settings.http.origins = vec!["https://Shop.example".to_owned()],
            |settings| settings.http.origins = vec!["https://shop.example/".to_owned()],
            |settings| settings.http.origins = vec!["*".to_owned()],
            |settings| settings.http.origins = vec!["null".to_owned()],
            |settings| settings.tokens.access_minutes = -1,
            |settings| settings.tokens.refresh_days = 0,
            |settings| settings.rounds.warm_lead_ms = -1,
            |settings| settings.redis.prefix = "a{b}".to_owned(),
        ] {
            assert!(matches!(make(change), Err(ConfigError::Unfit(_))));
        }
    }

    #[test]
    fn a_setting_that_does_not_exist_is_refused() {
        let build = |text: &str| {
            let defaults = File::from_str(DEFAULTS, FileFormat::Toml);
            let config = Config::builder().add_source(defaults).add_source(File::from_str(text, FileFormat::Toml));
            config.build().expect("is TOML").try_deserialize::<Settings>()
        };
        assert!(build("").is_ok());
        for odd in ["[http]\nbindd = 'x'", "[tls]\nx = 1", "[http]\nworkers = -1", "[http]\nproxies = ['proxy']"] {
            assert!(build(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn neither_printed_nor_logged_settings_hold_a_secret() {
        let settings = Settings::private("redis://:pass1@h:1".into(), "postgres://me:pass2@h/db".into(), STRONG.into())
            .expect("fits");
        let printed = settings.printed().expect("prints");
        assert!(printed.contains("postgres://me:***@h/db"));
        let parts = format!("{:?} {:?} {:?}", settings.redis, settings.postgres, settings.tokens);
        for text in [printed, format!("{settings:?}"), format!("{settings:#?}"), parts] {
            assert!(!text.contains("pass") && !text.contains(STRONG), "{text}");
        }
    }
}
