//! Who is online, over all nodes: each node writes its own numbers every second, and its reader decides which are too old.

use super::{HotError, HotPool, read};
use crate::domain::clock::UnixMs;
use std::collections::HashMap;

/// What one node said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePresence {
    pub node: String,
    pub at_ms: UnixMs,
    pub sessions: i64,
    /// A store with sessions on two nodes counts on both.
    pub stores: i64,
}

impl HotPool {
    pub async fn presence_write(&self, node: &str, at_ms: UnixMs, sessions: i64, stores: i64) -> Result<(), HotError> {
        let mut set = redis::cmd("HSET");
        set.arg(self.keys.presence()).arg(node).arg(format!("{at_ms}|{sessions}|{stores}"));
        self.hot.link.call(&set).await.map(|_| ())
    }

    /// All that was ever said and not taken back.
    pub async fn presence_read(&self) -> Result<Vec<NodePresence>, HotError> {
        let mut get = redis::cmd("HGETALL");
        get.arg(self.keys.presence());
        let entries: HashMap<String, String> = read(self.hot.link.call(&get).await?)?;
        entries.into_iter().map(|(node, text)| parse(node, &text)).collect()
    }

    /// The node goes, or another one has seen that it went.
    pub async fn presence_drop(&self, node: &str) -> Result<(), HotError> {
        let mut drop = redis::cmd("HDEL");
        drop.arg(self.keys.presence()).arg(node);
        self.hot.link.call(&drop).await.map(|_| ())
    }
}

fn parse(node: String, text: &str) -> Result<NodePresence, HotError> {
    let numbers: Option<Vec<i64>> = text.split('|').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[at_ms, sessions, stores]) => Ok(NodePresence { node, at_ms, sessions, stores }),
        _ => Err(HotError::Corrupt(format!("presence of {node}: {text:?}"))),
    }
}
