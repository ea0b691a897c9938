//! `grabbing.lua`: the one device with which a user grabs.

use super::call::{Lua, lua};
use crate::{
    domain::ids::{SignInId, UserId},
    hot::{HotError, HotPool},
};
use std::sync::LazyLock;

static GRABBING: LazyLock<Lua> = lua!("grabbing", "grabbing.lua");

impl HotPool {
    /// From now on this device is the one; whoever follows `grabbing_changes` hears of it if it was another. Since when it
    /// is, in Redis' microseconds.
    pub async fn grab_with(&self, user_id: UserId, device: SignInId) -> Result<i64, HotError> {
        let arguments = [user_id.to_string(), device.to_string(), self.keys.grabbing_changes()];
        let reply = GRABBING.run(&self.hot.link, &[self.keys.grabbing()], &arguments).await?;
        match reply.first() {
            "kept" | "taken" => reply.number(1),
            _ => Err(reply.unknown()),
        }
    }
}
