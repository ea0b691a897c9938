//! What a client may say. Unknown fields are refused: a misspelt field must not be a silently different claim.

use super::named::{self, Named};
use crate::domain::{
    claim::{ClaimLine, ClaimMode},
    ids::{ClaimId, RoundId},
};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum In {
    /// First frame, within 5 s.
    Hello {
        /// `h5`, `miniprogram`, `console`, `k6`…
        client: String,
        version: String,
        #[serde(default, deserialize_with = "named::option")]
        resume: Option<Resume>,
    },
    /// Renews the session with a fresh ticket of the same user and store.
    Auth {
        ticket: String,
    },
    /// Clock sync and heartbeat; `t0` is the client's own clock and comes back untouched.
    Ping {
        t0: Stamp,
    },
    Claim {
        claim_id: ClaimId,
        round_id: RoundId,
        #[serde(deserialize_with = "named::all")]
        lines: Vec<ClaimLine>,
        mode: ClaimMode,
    },
    ClaimStatus {
        round_id: RoundId,
        claim_id: ClaimId,
    },
    /// Send this round's state now and on every change (headquarters also get its board).
    Watch {
        round_id: RoundId,
    },
}

impl In {
    /// Reads one text frame, whole or not at all.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(|Named(frame)| frame)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The last store event that the client has.
    pub store_seq: i64,
}

/// A client's time stamp: any JSON number, handed back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct Stamp(pub serde_json::Number);
