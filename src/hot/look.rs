//! Looking at what stands in Redis, for the coordinator and the board. Nothing is decided by it: a script looks again.

use super::{HotError, HotPool, read};
use crate::domain::{
    clock::UnixMs,
    ids::{LineId, RoundId},
};
use std::collections::HashMap;

/// A loaded round as the scripts see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundHead {
    pub state: HotState,
    /// The epoch it was loaded in; in another one it counts as not loaded.
    pub epoch: i64,
    /// As planned, before shifts.
    pub opens_ms: UnixMs,
    pub closes_ms: UnixMs,
    pub shift_ms: i64,
    /// The latest time that any decision or change of the round carries.
    pub last_ms: UnixMs,
    /// The last intent applied.
    pub intent_no: i64,
    /// While paused: the intent that paused it, and when.
    pub pause_no: Option<i64>,
    pub paused_ms: Option<UnixMs>,
    /// When it was closed.
    pub closed_ms: Option<UnixMs>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HotState {
    Warming,
    Open,
    Paused,
    Closed,
}

/// What a round was loaded with: to be compared with the books before it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Units left, a line.
    pub left: HashMap<LineId, i64>,
    /// Invited stores.
    pub stores: usize,
}

impl HotPool {
    /// The time by the only clock that counts.
    pub async fn now_ms(&self) -> Result<UnixMs, HotError> {
        let (seconds, micros): (i64, i64) = read(self.hot.link.call(&redis::cmd("TIME")).await?)?;
        Ok(seconds * 1000 + micros / 1000)
    }

    /// `None`: not loaded, or only in part.
    pub async fn round(&self, round_id: RoundId) -> Result<Option<RoundHead>, HotError> {
        let mut get = redis::cmd("HGETALL");
        get.arg(self.keys.round(round_id));
        let fields: HashMap<String, String> = read(self.hot.link.call(&get).await?)?;
        let Some(state) = fields.get("state") else { return Ok(None) };
        let state = match state.as_str() {
            "WARMING" => HotState::Warming,
            "OPEN" => HotState::Open,
            "PAUSED" => HotState::Paused,
            "CLOSED" => HotState::Closed,
            other => return Err(HotError::Corrupt(format!("round {round_id} has the state {other:?}"))),
        };
        // A number that does not hold now is absent or empty.
        let some = |name: &str| {
            let text = fields.get(name).filter(|text| !text.is_empty());
            let number = text.map(|text| text.parse::<i64>().map_err(|_| unreadable(round_id, name)));
            number.transpose()
        };
        let number = |name: &str| some(name)?.ok_or_else(|| unreadable(round_id, name));
        Ok(Some(RoundHead {
            state,
            epoch: number("epoch")?,
            opens_ms: number("opens_ms")?,
            closes_ms: number("closes_ms")?,
            shift_ms: number("shift_ms")?,
            last_ms: number("last_ms")?,
            intent_no: number("intent_no")?,
            pause_no: some("pause_no")?,
            paused_ms: some("paused_ms")?,
            closed_ms: some("closed_ms")?,
        }))
    }

    /// `None`: not loaded, or only in part.
    pub async fn loaded(&self, round_id: RoundId) -> Result<Option<Loaded>, HotError> {
        if self.round(round_id).await?.is_none() {
            return Ok(None);
        }
        let mut get = redis::cmd("HGETALL");
        get.arg(self.keys.lines(round_id));
        let fields: HashMap<String, String> = read(self.hot.link.call(&get).await?)?;
        let left = fields.iter().filter_map(|(name, text)| {
            let line = name.strip_prefix("left:")?;
            let parsed = line.parse::<LineId>().ok().zip(text.parse().ok());
            Some(parsed.ok_or_else(|| unreadable(round_id, name)))
        });
        let left = left.collect::<Result<_, _>>()?;
        let mut length = redis::cmd("HLEN");
        length.arg(self.keys.invited(round_id));
        Ok(Some(Loaded { left, stores: read(self.hot.link.call(&length).await?)? }))
    }

    /// The position of an epoch's newest log entry; `None`: the log is empty or gone.
    pub async fn log_end(&self, epoch: i64) -> Result<Option<String>, HotError> {
        let mut last = redis::cmd("XREVRANGE");
        last.arg(self.keys.log(epoch)).arg("+").arg("-").arg("COUNT").arg(1);
        let entries: Vec<(String, Vec<String>)> = read(self.hot.link.call(&last).await?)?;
        Ok(entries.into_iter().next().map(|(id, _fields)| id))
    }
}

fn unreadable(round_id: RoundId, name: &str) -> HotError {
    HotError::Corrupt(format!("{name} of round {round_id}"))
}
