//! `open.lua`, `pause.lua`, `resume.lua`, `extend.lua`, `close.lua`: a live round's life, one numbered intent a call.

use super::call::{Lua, lua};
use crate::domain::{clock::UnixMs, ids::RoundId};
use crate::hot::{HotError, HotPool};
use std::sync::LazyLock;

static OPEN: LazyLock<Lua> = lua!("open", "fence.lua", "intent.lua", "open.lua");
static PAUSE: LazyLock<Lua> = lua!("pause", "fence.lua", "intent.lua", "pause.lua");
static RESUME: LazyLock<Lua> = lua!("resume", "fence.lua", "intent.lua", "resume.lua");
static EXTEND: LazyLock<Lua> = lua!("extend", "fence.lua", "intent.lua", "extend.lua");
static CLOSE: LazyLock<Lua> = lua!("close", "fence.lua", "intent.lua", "close.lua");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundReply {
    /// Done, and logged under this number at this time.
    Applied {
        n: i64,
        at_ms: UnixMs,
    },
    Ignored(IgnoredWhy),
    /// The round is not loaded in this epoch.
    Unknown,
    Fenced,
    Epoch(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredWhy {
    /// Its number is not above the last applied: it was done, or overtaken.
    Intent,
    /// The round is in no state for it.
    State,
    /// A pause that it does not name holds the round.
    Latch,
    /// The closing time has not come.
    Early,
}

impl IgnoredWhy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::State => "state",
            Self::Latch => "latch",
            Self::Early => "early",
        }
    }
}

impl HotPool {
    pub async fn open(&self, epoch: i64, round_id: RoundId, intent_no: i64) -> Result<RoundReply, HotError> {
        self.intend(&OPEN, epoch, round_id, intent_no, None).await
    }

    pub async fn pause(&self, epoch: i64, round_id: RoundId, intent_no: i64) -> Result<RoundReply, HotError> {
        self.intend(&PAUSE, epoch, round_id, intent_no, None).await
    }

    /// Lifts the pause that was intent `pause_no`.
    pub async fn resume(
        &self,
        epoch: i64,
        round_id: RoundId,
        intent_no: i64,
        pause_no: i64,
    ) -> Result<RoundReply, HotError> {
        self.intend(&RESUME, epoch, round_id, intent_no, Some(pause_no.to_string())).await
    }

    /// `closes_ms` as planned, before shifts.
    pub async fn extend(
        &self,
        epoch: i64,
        round_id: RoundId,
        intent_no: i64,
        closes_ms: UnixMs,
    ) -> Result<RoundReply, HotError> {
        self.intend(&EXTEND, epoch, round_id, intent_no, Some(closes_ms.to_string())).await
    }

    /// Because its time has come; the script looks whether it has.
    pub async fn close(&self, epoch: i64, round_id: RoundId, intent_no: i64) -> Result<RoundReply, HotError> {
        self.intend(&CLOSE, epoch, round_id, intent_no, Some("time".to_owned())).await
    }

    /// Because headquarters say so, whatever the time.
    pub async fn stop(&self, epoch: i64, round_id: RoundId, intent_no: i64) -> Result<RoundReply, HotError> {
        self.intend(&CLOSE, epoch, round_id, intent_no, Some("stop".to_owned())).await
    }

    async fn intend(
        &self,
        script: &Lua,
        epoch: i64,
        round_id: RoundId,
        intent_no: i64,
        further: Option<String>,
    ) -> Result<RoundReply, HotError> {
        let keys = [self.keys.pool(), self.keys.round(round_id), self.keys.log(epoch)];
        let mut arguments = vec![epoch.to_string(), round_id.to_string(), intent_no.to_string()];
        arguments.extend(further);
        let reply = script.run(&self.hot.link, &keys, &arguments).await?;
        Ok(match reply.first() {
            "ok" => RoundReply::Applied { n: reply.number(1)?, at_ms: reply.number(2)? },
            "ignored" => RoundReply::Ignored(match reply.word(1)? {
                "intent" => IgnoredWhy::Intent,
                "state" => IgnoredWhy::State,
                "latch" => IgnoredWhy::Latch,
                "early" => IgnoredWhy::Early,
                _ => return Err(reply.unknown()),
            }),
            "unknown" => RoundReply::Unknown,
            "fenced" => RoundReply::Fenced,
            "epoch" => RoundReply::Epoch(reply.number(1)?),
            _ => return Err(reply.unknown()),
        })
    }
}
