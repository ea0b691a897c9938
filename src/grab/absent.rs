//! A claim of a round that Redis does not hold: not loaded yet, archived, or never there.

use super::{GrabError, Looked, Lookup};
use crate::domain::{
    claim::{ClaimOutcome, Verdict},
    clock::UnixMs,
    ids::{ClaimId, RoundId},
    reason::Reason,
};

/// The books know whether it was decided, or when the round is open.
pub(super) async fn look_up(
    lookup: &Lookup,
    (round_id, claim_id): (RoundId, ClaimId),
    body_hash: &str,
    now_ms: UnixMs,
) -> Result<ClaimOutcome, GrabError> {
    match lookup(round_id, claim_id).await.map_err(GrabError::Lookup)? {
        Looked::Verdict(packed) => match Verdict::parse(&packed) {
            Some(verdict) if verdict.body_hash == body_hash => Ok(ClaimOutcome::Decided(verdict)),
            Some(_) => Ok(ClaimOutcome::NotDecided(Reason::BadClaim {})),
            None => Err(GrabError::Lookup(format!("unreadable verdict of claim {claim_id}"))),
        },
        Looked::Round { opens_at_ms, closes_at_ms } => {
            Ok(ClaimOutcome::NotDecided(Reason::NotOpen { opens_at_ms, closes_at_ms, recv_at_ms: now_ms }))
        }
        Looked::Nothing => Ok(ClaimOutcome::NotDecided(Reason::BadClaim {})),
    }
}
