//! What is refused before anything starts, and what is never shown.

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

/// WeChat and WeCom, switched on as they should be.
fn with_channels(settings: &mut Settings) -> &mut Settings {
    settings.wechat.app_id = "wx0123456789abcdef".to_owned();
    settings.wechat.app_secret = "pass4".to_owned();
    settings.wecom.corp_id = "ww0123456789abcdef".to_owned();
    settings.wecom.agent_id = "1000002".to_owned();
    settings.wecom.secret = "pass5".to_owned();
    settings
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let make = |change: fn(&mut Settings)| {
        let mut settings = Settings::private("redis://h".into(), "postgres://h".into(), STRONG.into()).expect("fits");
        change(&mut settings);
        settings.check()
    };
    assert!(make(|_| ()).is_ok());
    assert!(make(|settings| settings.http.origins = vec!["https://shop.example:8443".to_owned()]).is_ok());
    assert!(make(|settings| _ = with_channels(settings)).is_ok());
    assert!(make(|settings| with_channels(settings).wechat.base_url = "http://127.0.0.1:8081".to_owned()).is_ok());
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
        |settings| settings.rounds.hot_value_cents = -1,
        |settings| settings.rounds.hot_scarcity_percent = -1,
        |settings| settings.needs.nightly_at = "3 am".to_owned(),
        |settings| settings.redis.prefix = "a{b}".to_owned(),
        |settings| settings.wechat.app_secret = "a secret without an app id".to_owned(),
        |settings| settings.wecom.secret = "a secret without a corporation".to_owned(),
        |settings| with_channels(settings).wechat.base_url = "http://api.weixin.qq.com".to_owned(),
        |settings| with_channels(settings).wechat.base_url = "weixin".to_owned(),
        |settings| with_channels(settings).wechat.timeout_ms = 0,
        |settings| with_channels(settings).wechat.round_reminder.template_id = "a b".to_owned(),
        |settings| with_channels(settings).wecom.timeout_ms = 60_000,
        |settings| with_channels(settings).wecom.agent_id = "1 2".to_owned(),
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
    let mut settings = Settings::private(
        "redis://:pass1@h:1".into(),
        "postgres://me:pass2@h/db?sslmode=disable&password=pass3".into(),
        STRONG.into(),
    )
    .expect("fits");
    with_channels(&mut settings);
    let printed = settings.printed().expect("prints");
    assert!(printed.contains("postgres://me:***@h/db?sslmode=disable&password=***"));
    let Settings { redis, postgres, tokens, wechat, wecom, .. } = &settings;
    let parts = format!("{redis:?} {postgres:?} {tokens:?} {wechat:?} {wecom:?}");
    for text in [printed, format!("{settings:?}"), format!("{settings:#?}"), parts] {
        assert!(
            ["pass1", "pass2", "pass3", "pass4", "pass5", STRONG].iter().all(|secret| !text.contains(secret)),
            "{text}"
        );
    }
}
