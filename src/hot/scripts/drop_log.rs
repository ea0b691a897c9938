//! `drop_log.lua`: the log of an epoch that is over.

use super::call::{Lua, lua};
use crate::hot::{HotError, HotPool};
use std::sync::LazyLock;

static DROP_LOG: LazyLock<Lua> = lua!("drop_log", "fence.lua", "drop_log.lua");

impl HotPool {
    /// Whether it was removed. The log of the pool's own epoch, or of one not yet blessed, stays.
    pub async fn drop_log(&self, epoch: i64) -> Result<bool, HotError> {
        let keys = [self.keys.pool(), self.keys.log(epoch)];
        let reply = DROP_LOG.run(&self.hot.link, &keys, &[epoch.to_string()]).await?;
        match reply.first() {
            "ok" => Ok(true),
            "live" => Ok(false),
            _ => Err(reply.unknown()),
        }
    }
}
