//! `bless.lua`: the gate of a rebuilt pool opens.

use super::call::{Lua, lua};
use crate::domain::{clock::UnixMs, ids::RoundId};
use crate::hot::{HotError, HotPool};
use std::sync::LazyLock;

static BLESS: LazyLock<Lua> = lua!("bless", "fence.lua", "bless.lua");

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlessReply {
    /// The pool decides; the new log begins with this entry.
    Blessed {
        n: i64,
        at_ms: UnixMs,
    },
    /// A round that should live is not loaded: begin again under a new epoch.
    Incomplete(RoundId),
    Epoch(i64),
    RunId(String),
}

impl HotPool {
    /// `fenced_ms`: for how long the pool could not decide; rounds that were running get it back. `rounds` are all that must
    /// be loaded.
    pub async fn bless(
        &self,
        epoch: i64,
        run_id: &str,
        applied_no: i64,
        fenced_ms: i64,
        rounds: &[RoundId],
    ) -> Result<BlessReply, HotError> {
        let mut keys = vec![self.keys.pool(), self.keys.log(epoch)];
        keys.extend(rounds.iter().map(|round_id| self.keys.round(*round_id)));
        let mut arguments = vec![epoch.to_string(), run_id.to_owned(), applied_no.to_string(), fenced_ms.to_string()];
        arguments.extend(rounds.iter().map(RoundId::to_string));
        let reply = BLESS.run(&self.hot.link, &keys, &arguments).await?;
        Ok(match reply.first() {
            "ok" => BlessReply::Blessed { n: reply.number(1)?, at_ms: reply.number(2)? },
            "incomplete" => BlessReply::Incomplete(reply.word(1)?.parse().map_err(|_| reply.unknown())?),
            "epoch" => BlessReply::Epoch(reply.number(1)?),
            "run_id" => BlessReply::RunId(reply.word(1)?.to_owned()),
            _ => return Err(reply.unknown()),
        })
    }
}
