//! How asking another house can fail. None of these holds an address or a body: secrets stand in both.

use crate::hot::HotError;

#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It answered, and named a reason by number.
    #[error("the answer is errcode {0}")]
    Code(i64),
    /// It was never reached: nothing happened there.
    #[error("not reached: {0}")]
    NotReached(#[source] reqwest::Error),
    /// Asked, and no answer that says what became of it.
    #[error("no answer: {0}")]
    NoAnswer(#[source] reqwest::Error),
    #[error("an answer that cannot be read: {0}")]
    Unreadable(&'static str),
    /// So many calls of this node are under way that one more is not begun.
    #[error("too many calls under way")]
    Busy,
    /// Nobody has an access token, and whoever fetches one was too slow.
    #[error("no access token in time")]
    NoAccessToken,
    /// Asking for the access token failed, so nothing else was asked.
    #[error("no access token: {0}")]
    AccessToken(#[source] Box<Fault>),
    #[error("Redis: {0}")]
    Hot(#[from] HotError),
    /// The client itself cannot be built: no certificates of authorities on this machine.
    #[error("HTTPS cannot be spoken: {0}")]
    NoClient(#[source] reqwest::Error),
}

/// WeChat and WeCom alike: busy, try again.
pub const BUSY: i64 = -1;
/// The access token is not, or no longer, good.
pub const BAD_ACCESS_TOKEN: [i64; 3] = [40001, 40014, 42001];
/// The code is wrong, or was used.
pub const BAD_CODE: [i64; 2] = [40029, 40163];
/// WeChat holds the user for a risk.
pub const BLOCKED: i64 = 40226;
/// Too often: by this user within a minute, or by us today.
pub const TOO_OFTEN: [i64; 2] = [45011, 45009];
/// The user allows no more of these messages.
pub const NOT_ALLOWED: i64 = 43101;

impl Fault {
    /// Whether nothing can have happened there, so that asking again does nothing twice.
    pub fn is_harmless(&self) -> bool {
        match self {
            Self::Code(code) => *code == BUSY || TOO_OFTEN.contains(code),
            Self::NotReached(_) | Self::Busy | Self::NoAccessToken | Self::AccessToken(_) | Self::Hot(_) => true,
            Self::NoAnswer(_) | Self::Unreadable(_) | Self::NoClient(_) => false,
        }
    }
}
