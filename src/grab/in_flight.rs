//! Calls that may still decide a claim: those on the wire, and those whose reply was lost, until their deadline has passed.
//!
//! Kept by the node and not by the waiting client: one that hangs up and sends its id again is told "not decided" only when
//! no older call of this node can decide the claim any more.

use crate::domain::{clock::UnixMs, ids::ClaimId};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// One call's place in the books below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CallNo(u64);

#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    newest: u64,
    /// The last moment, by Redis' clock, at which the call may decide the claim.
    until_ms: BTreeMap<(ClaimId, CallNo), UnixMs>,
    /// Calls whose reply was lost: nobody will come back for them.
    lost: Vec<(Vec<ClaimId>, CallNo, UnixMs)>,
}

impl InFlight {
    /// Before a call goes out.
    pub(super) fn begin(&self, claims: impl Iterator<Item = ClaimId>, deadline_ms: UnixMs) -> CallNo {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        calls.newest += 1;
        let call = CallNo(calls.newest);
        calls.until_ms.extend(claims.map(|claim_id| ((claim_id, call), deadline_ms)));
        call
    }

    /// Redis answered, or certainly did not execute the call: it can decide nothing any more.
    pub(super) fn over(&self, call: CallNo, claims: impl Iterator<Item = ClaimId>) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for claim_id in claims {
            calls.until_ms.remove(&(claim_id, call));
        }
    }

    /// The reply was lost: the call may still be executed until its deadline. Older ones, past theirs at `now_ms`, are
    /// forgotten.
    pub(super) fn lost(&self, call: CallNo, claims: Vec<ClaimId>, deadline_ms: UnixMs, now_ms: UnixMs) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Calls { until_ms, lost, .. } = &mut *calls;
        lost.retain(|(claims, call, deadline_ms)| {
            let alive = now_ms <= *deadline_ms;
            if !alive {
                for claim_id in claims {
                    until_ms.remove(&(*claim_id, *call));
                }
            }
            alive
        });
        lost.push((claims, call, deadline_ms));
    }

    /// Whether some call may still decide the claim after `now_ms`.
    pub(super) fn may_decide(&self, claim_id: ClaimId, now_ms: UnixMs) -> bool {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut of_claim = calls.until_ms.range((claim_id, CallNo(0))..=(claim_id, CallNo(u64::MAX)));
        of_claim.any(|(_, until_ms)| now_ms <= *until_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_may_be_decided_by_any_call_that_is_not_over() {
        let calls = InFlight::default();
        let (one, two) = (ClaimId::new(), ClaimId::new());
        let both = calls.begin([one, two].into_iter(), 100);
        let again = calls.begin([one].into_iter(), 200);
        assert!(calls.may_decide(one, 200) && calls.may_decide(two, 100));
        assert!(!calls.may_decide(one, 201) && !calls.may_decide(two, 101));
        calls.over(again, [one].into_iter());
        assert!(calls.may_decide(one, 100) && !calls.may_decide(one, 101), "the first is still out");
        calls.over(both, [one, two].into_iter());
        assert!(!calls.may_decide(one, 0) && !calls.may_decide(two, 0));
    }

    #[test]
    fn lost_calls_count_until_their_deadline_and_are_then_forgotten() {
        let calls = InFlight::default();
        let (one, two) = (ClaimId::new(), ClaimId::new());
        let lost = calls.begin([one].into_iter(), 100);
        calls.lost(lost, vec![one], 100, 50);
        assert!(calls.may_decide(one, 100) && !calls.may_decide(one, 101));
        let later = calls.begin([two].into_iter(), 300);
        calls.lost(later, vec![two], 300, 101);
        let kept = calls.0.lock().unwrap();
        assert_eq!((kept.until_ms.len(), kept.lost.len()), (1, 1));
    }
}
