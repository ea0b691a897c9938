//! What the writer read from the log, already checked for shape.

use crate::{
    domain::{
        claim::Verdict,
        clock::UnixMs,
        ids::{ClaimId, PoolId, RoundId},
    },
    storage::log_position::Position,
};

#[derive(Clone, Debug)]
pub struct Batch {
    pub pool_id: PoolId,
    /// Where the books stand; the transaction does nothing when they stand elsewhere by then.
    pub from: Position,
    /// Where they stand afterwards.
    pub to: Position,
    /// In the order of the log.
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    /// As Redis names it.
    pub id: String,
    /// Its fields as they came, kept for the case that it has to be set aside.
    pub raw: Vec<(String, String)>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub enum What {
    Claims {
        round_id: RoundId,
        claims: Vec<DecidedClaim>,
    },
    Control {
        round_id: RoundId,
        intent_no: i64,
        at_ms: UnixMs,
        change: Change,
    },
    /// The pool decides again after a recovery; these rounds lost so much of their window.
    Bless {
        lost_ms: Vec<(RoundId, i64)>,
    },
    /// Cannot be read; the text says why.
    Broken(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Open,
    Pause,
    /// The round's new total of paused time.
    Resume {
        shift_ms: i64,
    },
    Extend {
        closes_ms: UnixMs,
    },
    Close,
}

#[derive(Clone, Debug)]
pub struct DecidedClaim {
    pub claim_id: ClaimId,
    /// The verdict's text as the script wrote it, and what it says.
    pub packed: String,
    pub verdict: Verdict,
}
