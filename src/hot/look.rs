//! Rounds as Redis has them, for whoever compares Redis with the books. No claim is decided by what is read here.

use super::{HotError, HotPool, Latch, read};
use crate::domain::{
    clock::UnixMs,
    ids::{LineId, RoundId},
    round::RoundState,
};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundHead {
    /// `Settling` for a round that the close script ended: what comes after is between the books and themselves.
    pub state: RoundState,
    /// As planned, before shifts.
    pub opens_ms: UnixMs,
    pub closes_ms: UnixMs,
    pub shift_ms: i64,
    /// The last intent applied.
    pub intent_no: i64,
    /// Set exactly while the round is paused.
    pub paused: Option<Latch>,
}

/// How much of a round is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub left: HashMap<LineId, i64>,
    pub stores: i64,
}

impl HotPool {
    /// Redis' clock.
    pub async fn now_ms(&self) -> Result<UnixMs, HotError> {
        let (seconds, micros): (i64, i64) = read(self.hot.link.call(&redis::cmd("TIME")).await?)?;
        Ok(seconds * 1000 + micros / 1000)
    }

    /// `None`: not loaded in that epoch.
    pub async fn round(&self, epoch: i64, round_id: RoundId) -> Result<Option<RoundHead>, HotError> {
        let mut get = redis::cmd("HMGET");
        get.arg(self.keys.round(round_id));
        get.arg(&["state", "epoch", "opens_ms", "closes_ms", "shift_ms", "intent_no", "pause_no", "paused_ms"]);
        let values: Vec<Option<String>> = read(self.hot.link.call(&get).await?)?;
        let number = |at: usize| {
            let text = values.get(at).and_then(Option::as_deref).unwrap_or_default();
            text.parse::<i64>().map_err(|_| HotError::Corrupt(format!("field {at} of round {round_id}: {text:?}")))
        };
        let state = match values.first().and_then(Option::as_deref) {
            None => return Ok(None),
            Some(_) if number(1)? != epoch => return Ok(None),
            Some("WARMING") => RoundState::Warming,
            Some("OPEN") => RoundState::Open,
            Some("PAUSED") => RoundState::Paused,
            Some("CLOSED") => RoundState::Settling,
            Some(other) => return Err(HotError::Corrupt(format!("the state of round {round_id}: {other:?}"))),
        };
        let paused = match state {
            RoundState::Paused => Some(Latch { pause_no: number(6)?, paused_ms: number(7)? }),
            _ => None,
        };
        Ok(Some(RoundHead {
            state,
            opens_ms: number(2)?,
            closes_ms: number(3)?,
            shift_ms: number(4)?,
            intent_no: number(5)?,
            paused,
        }))
    }

    pub async fn loaded(&self, round_id: RoundId) -> Result<Loaded, HotError> {
        let mut get = redis::cmd("HGETALL");
        get.arg(self.keys.lines(round_id));
        let fields: HashMap<String, String> = read(self.hot.link.call(&get).await?)?;
        let mut left = HashMap::new();
        for (name, text) in &fields {
            let Some(line) = name.strip_prefix("left:") else { continue };
            let entry = line.parse().ok().zip(text.parse().ok());
            let (line, units) =
                entry.ok_or_else(|| HotError::Corrupt(format!("{name} of round {round_id}: {text:?}")))?;
            left.insert(line, units);
        }
        let mut count = redis::cmd("HLEN");
        count.arg(self.keys.invited(round_id));
        Ok(Loaded { left, stores: read(self.hot.link.call(&count).await?)? })
    }
}
