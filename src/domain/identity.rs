//! Who a session belongs to. Made by `auth` from the books, carried by tokens and tickets, never taken from a message.

use super::{
    clock::UnixMs,
    ids::{PoolId, SignInId, StoreId, UserId},
    role::Role,
};
use serde::{Deserialize, Serialize};

/// The auth version of somebody whom nobody ever changed.
pub const FIRST_VERSION: i64 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub user_id: UserId,
    pub role: Role,
    /// `None`: headquarters and warehouse.
    pub store_id: Option<StoreId>,
    /// The pool of the store; headquarters work on the chain's first pool.
    pub pool: PoolId,
    /// Which state of the user this speaks for; once the user was changed, a lower one counts for nothing.
    pub auth_version: i64,
    /// The device that it was made for; `None` in a token that nobody signed in for.
    #[serde(default)]
    pub device: Option<SignInId>,
    /// When the access token ends, and with it the session unless it is renewed.
    pub expires_at_ms: UnixMs,
}

/// The device with which somebody grabs; each has one, the newest that opened a socket for a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grabbing {
    pub device: SignInId,
    /// Since when, in Redis' microseconds: of two devices the later one counts.
    pub since_us: i64,
}

impl Grabbing {
    pub fn is_replaced_by(self, other: Self) -> bool {
        self.device != other.device && self.since_us < other.since_us
    }
}
