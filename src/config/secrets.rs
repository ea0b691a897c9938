//! Which secrets are too weak to start with, and how settings are shown without any.

use super::{Postgres, Redis, Settings, Tokens};
use std::fmt;

/// A secret that holds too few different signs, repeats a short piece, or is somebody's placeholder.
pub(super) fn is_weak(secret: &str) -> bool {
    let bytes = secret.as_bytes();
    let different = bytes.iter().collect::<std::collections::HashSet<_>>().len();
    let repeats = (1..=8).any(|piece| bytes.iter().zip(bytes.iter().skip(piece)).all(|(one, next)| one == next));
    let plain: String = secret.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let placeholder = ["changeme", "replaceme", "yoursecret", "placeholder", "password", "0123456789abcdef0123"];
    different < 8 || repeats || placeholder.iter().any(|word| plain.contains(word))
}

/// The address without its password, wherever it stands: between the user's name and the `@`, or as a parameter.
pub(super) fn without_password(url: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(address, rest)| (address, Some(rest)));
    let mut shown = match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            let user = address[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}:***{}", &address[..scheme + 3], &address[at..])
        }
        _ => address.to_owned(),
    };
    for (i, parameter) in parameters.into_iter().flat_map(|text| text.split('&')).enumerate() {
        shown.push(if i == 0 { '?' } else { '&' });
        let name = parameter.split('=').next().unwrap_or_default();
        if name.to_ascii_lowercase().contains("pass") {
            shown.push_str(name);
            shown.push_str("=***");
        } else {
            shown.push_str(parameter);
        }
    }
    shown
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
