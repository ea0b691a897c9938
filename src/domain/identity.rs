//! Who a session belongs to. Made by `auth` from the books, carried by tokens and tickets, never taken from a message.

use super::{
    clock::UnixMs,
    ids::{PoolId, StoreId, UserId},
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
    /// When the access token ends, and with it the session unless it is renewed.
    pub expires_at_ms: UnixMs,
}
