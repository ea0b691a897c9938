//! What the server says. Clients ignore fields they do not know.

use super::{close::CloseCode, inbound::Stamp};
use crate::domain::{
    claim::{ClaimOutcome, LineVerdict, VerdictStatus},
    clock::UnixMs,
    event::{BoardFigures, RoundStatus, StoreEvent},
    ids::{ClaimId, RoundId},
    reason::Reason,
};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Out {
    Welcome {
        session: String,
        server_time_ms: UnixMs,
        /// The newest store event at this moment; 0 for headquarters.
        store_seq: i64,
        heartbeat_ms: i64,
    },
    /// Carries no data: read rounds and orders over HTTP, as of at least this event.
    Snapshot {
        store_seq: i64,
    },
    /// `t0` as it came, `t1` received, `t2` sent, server clock.
    Pong {
        t0: Stamp,
        t1: UnixMs,
        t2: UnixMs,
    },
    Verdict(VerdictFrame),
    Round(Versioned<RoundStatus>),
    Board(Versioned<BoardFrame>),
    /// Something was wrong with what the client sent, or cannot be answered now; the session goes on.
    Error(ErrorFrame),
    /// The session ends; the close frame follows.
    Bye {
        code: CloseCode,
        #[serde(skip_serializing_if = "Option::is_none")]
        reconnect_after_ms: Option<i64>,
    },
}

/// `store_seq` beside the event's own `t` and fields.
#[derive(Clone, Debug, Serialize)]
pub struct StoreFrame<'a> {
    pub store_seq: i64,
    #[serde(flatten)]
    pub event: &'a StoreEvent,
}

/// The newest version replaces every older one.
#[derive(Clone, Debug, Serialize)]
pub struct Versioned<T> {
    pub version: i64,
    pub server_time_ms: UnixMs,
    #[serde(flatten)]
    pub state: T,
}

#[derive(Clone, Debug, Serialize)]
pub struct BoardFrame {
    #[serde(flatten)]
    pub figures: BoardFigures,
    /// Open sessions of stores, over all nodes, and how many stores they belong to.
    pub sessions_online: i64,
    pub stores_online: i64,
}

/// Also the body of the HTTP answers to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VerdictFrame {
    pub claim_id: ClaimId,
    pub round_id: RoundId,
    pub status: VerdictFrameStatus,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Empty when nothing was decided.
    pub lines: Vec<LineVerdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at_ms: Option<UnixMs>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictFrameStatus {
    Won,
    PartlyWon,
    Refused,
    /// Nothing was decided: the same id may be sent again.
    NotDecided,
}

impl VerdictFrame {
    pub fn new(round_id: RoundId, claim_id: ClaimId, outcome: ClaimOutcome) -> Self {
        match outcome {
            ClaimOutcome::Decided(verdict) => Self {
                claim_id,
                round_id,
                status: match verdict.status {
                    VerdictStatus::Won => VerdictFrameStatus::Won,
                    VerdictStatus::PartlyWon => VerdictFrameStatus::PartlyWon,
                    VerdictStatus::Refused => VerdictFrameStatus::Refused,
                },
                reason: verdict.reason,
                lines: verdict.lines,
                decided_at_ms: Some(verdict.decided_ms),
                epoch: Some(verdict.epoch),
            },
            ClaimOutcome::NotDecided(reason) => Self {
                claim_id,
                round_id,
                status: VerdictFrameStatus::NotDecided,
                reason: Some(reason),
                lines: Vec::new(),
                decided_at_ms: None,
                epoch: None,
            },
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorFrame {
    /// `bad_frame`, `unavailable`, `not_found`, `too_fast`, or a code of a reason.
    pub code: &'static str,
    /// One sentence in the session's language: what to do.
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_id: Option<ClaimId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<i64>,
}
