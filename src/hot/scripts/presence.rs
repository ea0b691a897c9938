//! `presence.lua`: a node says that it is there and hears how many are.

use super::call::{Lua, lua};
use crate::hot::{HotError, Keys, Presence, link::Link};
use std::sync::LazyLock;

static PRESENCE: LazyLock<Lua> = lua!("presence", "fence.lua", "presence.lua");

/// `None` leaves.
pub(in crate::hot) async fn beat(
    link: &Link,
    keys: &Keys,
    node: &str,
    here: Option<(i64, i64)>,
) -> Result<Presence, HotError> {
    let (sessions, stores) =
        here.map_or_else(Default::default, |(sessions, stores)| (sessions.to_string(), stores.to_string()));
    let reply = PRESENCE.run(link, &[keys.presence()], &[node.to_owned(), sessions, stores]).await?;
    match reply.first() {
        "ok" => Ok(Presence { nodes: reply.number(1)?, sessions: reply.number(2)?, stores: reply.number(3)? }),
        _ => Err(reply.unknown()),
    }
}
