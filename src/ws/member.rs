//! After hello: what a frame means. The member returns what is to be done; only the connection's loop does it.

use super::{Caller, rate::Bucket};
use crate::domain::{
    claim::{Claim, ClaimLine, ClaimMode, ClaimOutcome},
    clock::UnixMs,
    ids::{ClaimId, RoundId},
    reason::Reason,
    texts,
};
use crate::protocol::{
    CloseCode, In, Out,
    outbound::{ErrorFrame, VerdictFrame},
};

/// Frames of any kind for each claim that a session may send: a client needs two a second; whoever sends a hundred at
/// once and goes on is no client of ours.
const FRAMES_PER_CLAIM: i64 = 4;
const FRAMES_BURST_PER_CLAIM: i64 = 20;
/// Claims that one session may have under way. A clerk has one; a reload may bring a few.
const UNDER_WAY_MAX: usize = 16;

/// What the loop is to do.
#[derive(Debug)]
pub(super) enum Action {
    Say(Out),
    Decide(Claim),
    Look { round_id: RoundId, claim_id: ClaimId },
    Watch(RoundId),
    Renew(String),
    End(CloseCode),
}

pub(super) struct Member {
    pub(super) caller: Caller,
    claims: Bucket,
    frames: Bucket,
}

impl Member {
    /// `claims_per_s`: as many also at once.
    pub(super) fn new(caller: Caller, claims_per_s: u32, now_ms: UnixMs) -> Self {
        let claims = i64::from(claims_per_s);
        Self {
            caller,
            claims: Bucket::new(claims, claims, now_ms),
            frames: Bucket::new(claims * FRAMES_PER_CLAIM, claims * FRAMES_BURST_PER_CLAIM, now_ms),
        }
    }

    /// Protocol pings and pongs cost us an answer or a look each: they count like frames.
    pub(super) fn hear_sign_of_life(&mut self, now_ms: UnixMs) -> Option<CloseCode> {
        self.frames.take(now_ms).is_err().then_some(CloseCode::TooFast)
    }

    pub(super) fn hear(&mut self, text: &str, under_way: usize, now_ms: UnixMs) -> Action {
        if self.frames.take(now_ms).is_err() {
            return Action::End(CloseCode::TooFast);
        }
        let frame = match In::read(text) {
            Ok(frame) => frame,
            Err(_) => return self.unreadable(text),
        };
        match frame {
            In::Hello { .. } => Action::Say(self.error("bad_frame", None, None)),
            In::Ping { t0 } => Action::Say(Out::Pong { t0, t1: now_ms, t2: now_ms }),
            In::Auth { ticket } => Action::Renew(ticket),
            In::Watch { round_id } => Action::Watch(round_id),
            In::ClaimStatus { round_id, claim_id } if self.caller.identity.store_id.is_some() => {
                Action::Look { round_id, claim_id }
            }
            In::Claim { claim_id, round_id, lines, mode } => {
                self.claim(claim_id, round_id, lines, mode, under_way, now_ms)
            }
            In::ClaimStatus { claim_id, .. } => Action::Say(self.error("not_allowed", Some(claim_id), None)),
        }
    }

    fn claim(
        &mut self,
        claim_id: ClaimId,
        round_id: RoundId,
        lines: Vec<ClaimLine>,
        mode: ClaimMode,
        under_way: usize,
        now_ms: UnixMs,
    ) -> Action {
        let identity = &self.caller.identity;
        let Some(store_id) = identity.store_id else {
            return Action::Say(self.error("not_allowed", Some(claim_id), None));
        };
        let not_decided =
            |reason| Action::Say(Out::Verdict(VerdictFrame::new(round_id, claim_id, ClaimOutcome::NotDecided(reason))));
        if let Err(retry_after_ms) = self.claims.take(now_ms) {
            return not_decided(Reason::TooFast { retry_after_ms });
        }
        if under_way >= UNDER_WAY_MAX {
            return not_decided(Reason::TooFast { retry_after_ms: 1000 });
        }
        match Claim::new(claim_id, round_id, store_id, identity.user_id, identity.auth_version, mode, lines) {
            Some(claim) => Action::Decide(claim),
            None => not_decided(Reason::BadClaim {}),
        }
    }

    /// A claim whose lines cannot be read is answered as that claim (E20), so that the tap does not hang; anything else is
    /// a bad frame.
    fn unreadable(&self, text: &str) -> Action {
        #[derive(serde::Deserialize)]
        struct Claimish {
            t: String,
            claim_id: ClaimId,
            round_id: RoundId,
        }
        match serde_json::from_str::<Claimish>(text) {
            Ok(Claimish { t, claim_id, round_id }) if t == "claim" => Action::Say(Out::Verdict(VerdictFrame::new(
                round_id,
                claim_id,
                ClaimOutcome::NotDecided(Reason::BadClaim {}),
            ))),
            Ok(_) | Err(_) => Action::Say(self.error("bad_frame", None, None)),
        }
    }

    pub(super) fn error(&self, code: &'static str, claim_id: Option<ClaimId>, retry_after_ms: Option<i64>) -> Out {
        let text = texts::problem(code, self.caller.lang).to_owned();
        Out::Error(ErrorFrame { code, text, claim_id, retry_after_ms })
    }
}
