//! The names of everything in Redis, one function a key; `docs/redis.md` says what stands behind each.

use crate::domain::ids::{PoolId, RoundId};

/// Keys of one pool. They share the hash tag `{p<pool>}`, so that one script may touch them all.
#[derive(Clone, Debug)]
pub struct Keys {
    /// `<prefix>:{p<pool>}`
    base: String,
}

impl Keys {
    pub fn new(prefix: &str, pool: &PoolId) -> Self {
        Self { base: format!("{prefix}:{{p{pool}}}") }
    }

    pub fn pool(&self) -> String {
        format!("{}:pool", self.base)
    }

    pub fn log(&self, epoch: i64) -> String {
        format!("{}:log:{epoch}", self.base)
    }

    pub fn round(&self, round_id: RoundId) -> String {
        format!("{}:round:{round_id}", self.base)
    }

    pub fn lines(&self, round_id: RoundId) -> String {
        format!("{}:lines:{round_id}", self.base)
    }

    pub fn invited(&self, round_id: RoundId) -> String {
        format!("{}:invited:{round_id}", self.base)
    }

    pub fn taken(&self, round_id: RoundId) -> String {
        format!("{}:taken:{round_id}", self.base)
    }

    pub fn claims(&self, round_id: RoundId) -> String {
        format!("{}:claims:{round_id}", self.base)
    }

    pub fn counters(&self) -> String {
        format!("{}:counters", self.base)
    }

    pub fn suspended(&self) -> String {
        format!("{}:suspended", self.base)
    }

    pub fn users(&self) -> String {
        format!("{}:users", self.base)
    }

    pub fn presence(&self) -> String {
        format!("{}:presence", self.base)
    }

    pub fn grabbing(&self) -> String {
        format!("{}:grabbing", self.base)
    }

    /// A channel, not a key.
    pub fn grabbing_changes(&self) -> String {
        format!("{}:grabbing-changes", self.base)
    }

    /// A channel, not a key.
    pub fn hint(&self) -> String {
        format!("{}:hint", self.base)
    }
}

pub fn ticket(prefix: &str, ticket: &str) -> String {
    format!("{prefix}:ticket:{ticket}")
}

/// `name`: channel and application.
pub fn access_token(prefix: &str, name: &str) -> String {
    format!("{prefix}:access:{name}")
}

pub fn access_lease(prefix: &str, name: &str) -> String {
    format!("{prefix}:access-lease:{name}")
}
