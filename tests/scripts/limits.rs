//! `claim.lua`: every reason with its numbers, in both modes, and which of several is told.

use super::{
    bed::Bed,
    world::{self, PRICE_CENTS, claim, refused, verdict},
};
use graborder::{
    domain::{
        claim::{
            ClaimMode::{self, *},
            Verdict, VerdictStatus,
        },
        reason::{Reason, Span},
    },
    hot::{SnapshotRound, WarmStore},
};

/// A world with one store that was changed, and the verdict on one claim in it.
async fn judged(lines: usize, change: impl FnOnce(&mut SnapshotRound), mode: ClaimMode, units: &[i64]) -> Verdict {
    let mut world = world::round(lines, 1, Bed::bare().await.now_ms().await);
    change(&mut world);
    let mut bed = Bed::with(vec![world.clone()]).await;
    verdict(&bed.claim(&[&claim(&world.round, 0, mode, units)]).await[0]).clone()
}

fn store(world: &mut SnapshotRound) -> &mut WarmStore {
    &mut world.round.invited[0]
}

/// In PARTIAL 30 units shrink to `granted`; in ALL_OR_NONE they are refused; both for the same reason.
async fn limited(change: impl Fn(&mut SnapshotRound), granted: i64, reason: Reason) {
    let part = judged(1, &change, Partial, &[30]).await;
    let status = if granted > 0 { VerdictStatus::PartlyWon } else { VerdictStatus::Refused };
    assert_eq!((part.granted(), part.reason, part.status), (granted, Some(reason), status));
    assert_eq!(part.lines[0].reason, Some(reason));
    let all = judged(1, &change, AllOrNone, &[30]).await;
    assert_eq!((all.granted(), all.reason, all.status), (0, Some(reason), VerdictStatus::Refused));
    // One pack less than the limit allows is granted whole, in either mode.
    if granted > 0 {
        for mode in [Partial, AllOrNone] {
            assert_eq!(judged(1, &change, mode, &[granted]).await.status, VerdictStatus::Won);
        }
    }
}

#[tokio::test]
async fn each_limit_shrinks_a_partial_claim_to_whole_packs_and_refuses_a_basket() {
    limited(|w| store(w).lines[0].need_cap = 20, 18, Reason::LineCap { cap: 20, left: 20 }).await;
    limited(|w| w.round.lines[0].cap_line = Some(12), 12, Reason::LineCap { cap: 12, left: 12 }).await;
    limited(
        |w| {
            store(w).lines[0].need_cap = 24;
            (store(w).taken, store(w).lines[0].taken) = (7, 7);
        },
        12,
        Reason::LineCap { cap: 24, left: 17 },
    )
    .await;
    limited(
        |w| (store(w).cap_round, store(w).taken) = (Some(30), 5),
        24,
        Reason::RoundCap { cap: 30, taken: 5, left: 25 },
    )
    .await;
    limited(
        |w| (store(w).cap_day, store(w).day_units) = (Some(40), 38),
        0,
        Reason::SpanCap { cap: 40, taken: 38, left: 2, span: Span::Day },
    )
    .await;
    limited(
        |w| (store(w).cap_period, store(w).period_units) = (Some(40), 50),
        0,
        Reason::SpanCap { cap: 40, taken: 50, left: 0, span: Span::Period },
    )
    .await;
    limited(
        |w| (store(w).credit_limit_cents, store(w).credit_used_cents) = (10_000, 7_500),
        6,
        Reason::CreditShort { short_cents: 5_000, left_cents: 2_500, need_cents: 7_500 },
    )
    .await;
    limited(|w| (store(w).dock_units, store(w).dock_used) = (50, 37), 12, Reason::DockFull { cap: 50, left: 13 }).await;
}

#[tokio::test]
async fn stock_that_runs_short_is_told_with_what_is_left() {
    for (mode, granted) in [(Partial, 12), (AllOrNone, 0)] {
        let verdict = judged(1, |w| w.round.lines[0].left = 15, mode, &[30]).await;
        assert_eq!(verdict.granted(), granted);
        let Some(Reason::SoldOut { sold_out_at_ms: 0, recv_at_ms, left: 15 }) = verdict.reason else {
            panic!("{verdict:?}")
        };
        assert_eq!(recv_at_ms, verdict.decided_ms);
    }
    let gone = |w: &mut SnapshotRound| (w.round.lines[0].left, w.round.lines[0].sold_ms) = (0, 77);
    let verdict = judged(1, gone, Partial, &[6]).await;
    assert!(matches!(verdict.reason, Some(Reason::SoldOut { sold_out_at_ms: 77, left: 0, .. })), "{verdict:?}");
}

#[tokio::test]
async fn what_a_store_may_not_ask_for_gets_nothing_in_either_mode() {
    for mode in [Partial, AllOrNone] {
        let unlisted = judged(1, |w| store(w).lines[0].listed = false, mode, &[6]).await;
        assert_eq!(unlisted.reason, Some(Reason::NotListed {}));
        let nameless = judged(1, |w| store(w).lines.clear(), mode, &[6]).await;
        assert_eq!(nameless.reason, Some(Reason::NotListed {}));
        let full = judged(1, |w| (store(w).lines[0].net, store(w).lines[0].gate) = (20, Some(20)), mode, &[6]).await;
        assert_eq!(full.reason, Some(Reason::StockAbove { net: 20, gate: 20 }));
        for (asked, fix) in [(4, 6), (13, 12)] {
            let odd = judged(1, |_| (), mode, &[asked]).await;
            assert_eq!(odd.reason, Some(Reason::NotWholePacks { pack: 6, asked, fix }));
        }
        let small = judged(1, |w| w.round.lines[0].min = 12, mode, &[6]).await;
        assert_eq!(small.reason, Some(Reason::BelowMinimum { min: 12, asked: 6 }));
        for verdict in [unlisted, nameless, full, small] {
            assert_eq!((verdict.granted(), verdict.status), (0, VerdictStatus::Refused));
        }
    }
    let open_gate = judged(1, |w| (store(w).lines[0].net, store(w).lines[0].gate) = (-5, None), Partial, &[6]).await;
    assert_eq!(open_gate.status, VerdictStatus::Won);
}

#[tokio::test]
async fn a_suspended_store_is_refused_until_its_time() {
    let now_ms = Bed::bare().await.now_ms().await;
    let until_ms = now_ms + 60_000;
    let refusal = judged(1, |w| store(w).suspended_until_ms = until_ms, Partial, &[6]).await;
    assert_eq!((refusal.reason, refusal.granted()), (Some(Reason::Suspended { until_ms }), 0));
    assert_eq!(refusal.lines[0].reason, None);
    let served = judged(1, |w| store(w).suspended_until_ms = now_ms - 1, Partial, &[6]).await;
    assert_eq!(served.status, VerdictStatus::Won);
}

#[tokio::test]
async fn the_limit_that_binds_most_is_told_and_the_first_of_equals() {
    let tight = |w: &mut SnapshotRound| {
        store(w).cap_round = Some(24);
        store(w).dock_units = 13;
        w.round.lines[0].left = 12;
    };
    // Both the dock and the stock leave two packs; the dock comes first.
    assert_eq!(judged(1, tight, Partial, &[30]).await.reason, Some(Reason::DockFull { cap: 13, left: 13 }));
    // A basket fails at the first limit in the order, not at the tightest.
    let first = Some(Reason::RoundCap { cap: 24, taken: 0, left: 24 });
    assert_eq!(judged(1, tight, AllOrNone, &[30]).await.reason, first);
}

#[tokio::test]
async fn lines_of_a_basket_share_the_stores_limits() {
    let change = |w: &mut SnapshotRound| store(w).cap_round = Some(18);
    let part = judged(3, change, Partial, &[12, 12, 12]).await;
    let granted: Vec<i64> = part.lines.iter().map(|line| line.granted).collect();
    assert_eq!((granted.as_slice(), part.status), ([12, 6, 0].as_slice(), VerdictStatus::PartlyWon));
    assert_eq!(part.lines[1].reason, Some(Reason::RoundCap { cap: 18, taken: 12, left: 6 }));
    assert_eq!(part.lines[2].reason, Some(Reason::RoundCap { cap: 18, taken: 18, left: 0 }));
    assert_eq!(part.reason, part.lines[1].reason, "the first line of an equal code");
    let all = judged(3, change, AllOrNone, &[12, 12, 12]).await;
    assert_eq!((all.granted(), all.reason), (0, Some(Reason::RoundCap { cap: 18, taken: 12, left: 6 })));
    assert_eq!(all.lines[0].reason, None, "this line alone would have passed");
}

#[tokio::test]
async fn the_claims_reason_is_its_earliest_code_whatever_the_line() {
    let change = |w: &mut SnapshotRound| {
        w.round.lines.sort_by_key(|line| line.line_id);
        w.round.lines[0].left = 0;
        let last = w.round.lines[2].line_id;
        store(w).lines.iter_mut().find(|line| line.line_id == last).unwrap().listed = false;
        store(w).dock_units = 6;
    };
    let verdict = judged(3, change, Partial, &[6, 12, 6]).await;
    assert!(matches!(verdict.lines[0].reason, Some(Reason::SoldOut { .. })));
    assert!(matches!(verdict.lines[1].reason, Some(Reason::DockFull { cap: 6, left: 6 })));
    assert_eq!(verdict.lines[2].reason, Some(Reason::NotListed {}));
    assert_eq!((verdict.reason, verdict.granted()), (Some(Reason::NotListed {}), 6));
}

#[tokio::test]
async fn a_refused_basket_leaves_nothing_taken() {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut world = world::round(2, 1, now_ms);
    world.round.lines[1].left = 3;
    let mut bed = Bed::with(vec![world.clone()]).await;
    let quiet = |dump: super::dump::Dump| -> Vec<_> {
        dump.into_iter()
            .filter(|(key, _)| ["lines", "taken", "counters"].iter().any(|part| key.contains(part)))
            .collect()
    };
    let before = quiet(bed.raw.dump().await);
    refused(&bed.claim(&[&claim(&world.round, 0, AllOrNone, &[6, 6])]).await[0]);
    assert_eq!(quiet(bed.raw.dump().await), before);
    let taken = bed.claim(&[&claim(&world.round, 0, Partial, &[6, 6])]).await;
    assert_eq!(verdict(&taken[0]).granted(), 6);
}

#[tokio::test]
async fn what_costs_nothing_needs_no_credit_and_large_sums_stay_exact() {
    let free = |w: &mut SnapshotRound| {
        w.round.lines[0].price_cents = 0;
        store(w).credit_limit_cents = 0;
    };
    assert_eq!(judged(1, free, AllOrNone, &[30]).await.status, VerdictStatus::Won);

    // 9,007,199,254,740,991 cents are the last whole number that a double holds.
    let price_cents = 900_719_925;
    let limit_cents = 9_007_199_254_740_991;
    let dear = |w: &mut SnapshotRound| {
        w.round.lines[0].price_cents = price_cents;
        w.round.lines[0].left = 10_000_000;
        (w.round.lines[0].pack, store(w).dock_units) = (1, 20_000_000);
        store(w).lines[0].need_cap = 20_000_000;
        (store(w).credit_limit_cents, store(w).credit_used_cents) = (limit_cents, limit_cents - 3 * price_cents - 1);
    };
    let verdict = judged(1, dear, Partial, &[10_000_000]).await;
    let left_cents = 3 * price_cents + 1;
    let need_cents = price_cents * 10_000_000;
    assert_eq!(verdict.granted(), 3);
    assert_eq!(
        verdict.reason,
        Some(Reason::CreditShort { short_cents: need_cents - left_cents, left_cents, need_cents })
    );
    assert_eq!(PRICE_CENTS * 30, 7_500, "the credit of the other tests");
}
