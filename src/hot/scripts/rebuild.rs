//! `begin_rebuild.lua` and `rebuild.lua`: a pool built anew from the books, for a process that lost or never had it.

use super::{
    call::{Lua, lua},
    chunks::{Chunk, End, chunks, claim_chunks, state, user_chunks},
};
use crate::domain::ids::RoundId;
use crate::hot::{HotError, HotPool, Snapshot, SnapshotRound};
use std::sync::LazyLock;
use uuid::Uuid;

static BEGIN: LazyLock<Lua> = lua!("begin_rebuild", "fence.lua", "begin_rebuild.lua");
static REBUILD: LazyLock<Lua> = lua!("rebuild", "fence.lua", "records.lua", "load.lua", "rebuild.lua");

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RebuildReply {
    /// Begun, or all loaded; the gate is still shut until it is blessed.
    Done,
    /// Something came between the chunks: begin again under a new epoch.
    Incomplete,
    /// This epoch was begun, or overtaken: take one above it.
    Epoch(i64),
    /// The process is another one by now.
    RunId(String),
}

impl HotPool {
    /// From here on the pool is fenced, until `bless`. To be done before the snapshot is read, so that nothing is decided
    /// after it. An epoch is begun once: after any error a new attempt takes a new one.
    pub async fn begin_rebuild(&self, epoch: i64, run_id: &str) -> Result<RebuildReply, HotError> {
        let keys =
            [self.keys.pool(), self.keys.counters(), self.keys.suspended(), self.keys.users(), self.keys.log(epoch)];
        let refusal = self.step(&BEGIN, &keys, &[epoch.to_string(), run_id.to_owned()]).await?;
        Ok(refusal.unwrap_or(RebuildReply::Done))
    }

    /// Loads what lives. Only for the building that was begun last.
    pub async fn rebuild(&self, snapshot: &Snapshot) -> Result<RebuildReply, HotError> {
        // Users belong to no round; the keys have to be named all the same.
        let mut parts = vec![(RoundId(Uuid::nil()), user_chunks(&snapshot.users))];
        for round in &snapshot.rounds {
            parts.push((round.round.round_id, round_chunks(round)?));
        }
        for (round_id, chunks) in parts {
            let keys = self.load_keys(round_id);
            for (chunk, fields) in chunks {
                let mut arguments = vec![snapshot.epoch.to_string(), snapshot.run_id.clone(), chunk.to_owned()];
                arguments.extend(fields);
                if let Some(refusal) = self.step(&REBUILD, &keys, &arguments).await? {
                    return Ok(refusal);
                }
            }
        }
        Ok(RebuildReply::Done)
    }

    async fn step(
        &self,
        script: &Lua,
        keys: &[String],
        arguments: &[String],
    ) -> Result<Option<RebuildReply>, HotError> {
        let reply = script.run(&self.hot.link, keys, arguments).await?;
        Ok(Some(match reply.first() {
            "ok" => return Ok(None),
            "incomplete" => RebuildReply::Incomplete,
            "epoch" => RebuildReply::Epoch(reply.number(1)?),
            "run_id" => RebuildReply::RunId(reply.word(1)?.to_owned()),
            _ => return Err(reply.unknown()),
        }))
    }
}

fn round_chunks(round: &SnapshotRound) -> Result<Vec<Chunk>, HotError> {
    let state = state(&round.round)?;
    if (state == "PAUSED") != round.paused.is_some() {
        return Err(HotError::Corrupt(format!(
            "round {} is {state} with the latch {:?}",
            round.round.round_id, round.paused
        )));
    }
    let end = End { state, last_ms: round.last_ms, paused: round.paused };
    chunks(&round.round, claim_chunks(&round.claims), &end)
}
