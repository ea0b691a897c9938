//! Who is online, over all nodes: each node says so every second, and whoever was silent for five does not count.

use super::{HotError, HotPool, scripts};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    pub nodes: i64,
    pub sessions: i64,
    /// A store with sessions on two nodes counts on both.
    pub stores: i64,
}

impl HotPool {
    /// Says what is online at this node and hears what is online at all.
    pub async fn presence_beat(&self, node: &str, sessions: i64, stores: i64) -> Result<Presence, HotError> {
        scripts::presence::beat(&self.hot.link, &self.keys, node, Some((sessions, stores))).await
    }

    /// The node goes, rather than falling silent.
    pub async fn presence_leave(&self, node: &str) -> Result<Presence, HotError> {
        scripts::presence::beat(&self.hot.link, &self.keys, node, None).await
    }
}
