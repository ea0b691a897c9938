//! `warm.lua`: loads a published round while the rest of the pool is live.

use super::{
    call::{Lua, lua},
    chunks::{End, chunks},
};
use crate::domain::ids::RoundId;
use crate::hot::{HotError, HotPool, WarmRound};
use std::sync::LazyLock;

static WARM: LazyLock<Lua> = lua!("warm", "fence.lua", "records.lua", "load.lua", "warm.lua");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmReply {
    Done,
    /// Loaded before, in this epoch.
    Known,
    /// Redis stands at this effect, not at the snapshot's: apply or read on, take a new snapshot, start over.
    Number(i64),
    /// Another load came between the chunks: start over.
    Incomplete,
    Fenced,
    Epoch(i64),
}

impl HotPool {
    /// Loads the round as WARMING. `number` is that of the newest effect in the snapshot that `round` was read from.
    /// A crash on the way leaves the round unknown; loading it again is always right.
    pub async fn warm(&self, epoch: i64, number: i64, round: &WarmRound) -> Result<WarmReply, HotError> {
        let keys = self.load_keys(round.round_id);
        let end = End { state: "WARMING", last_ms: 0, paused: None };
        for (chunk, fields) in chunks(round, Vec::new(), &end)? {
            let mut arguments = vec![epoch.to_string(), number.to_string(), chunk.to_owned()];
            arguments.extend(fields);
            let reply = WARM.run(&self.hot.link, &keys, &arguments).await?;
            match reply.first() {
                "ok" => {}
                "known" => return Ok(WarmReply::Known),
                "number" => return Ok(WarmReply::Number(reply.number(1)?)),
                "incomplete" => return Ok(WarmReply::Incomplete),
                "fenced" => return Ok(WarmReply::Fenced),
                "epoch" => return Ok(WarmReply::Epoch(reply.number(1)?)),
                _ => return Err(reply.unknown()),
            }
        }
        Ok(WarmReply::Done)
    }

    pub(super) fn load_keys(&self, round_id: RoundId) -> [String; 9] {
        let keys = &self.keys;
        [
            keys.pool(),
            keys.round(round_id),
            keys.lines(round_id),
            keys.invited(round_id),
            keys.taken(round_id),
            keys.claims(round_id),
            keys.counters(),
            keys.suspended(),
            keys.users(),
        ]
    }
}
