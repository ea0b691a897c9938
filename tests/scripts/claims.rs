//! `claim.lua`: which claims are decided, which are not, and what a repeated id gets.

use super::{
    bed::{BACKLOG_MAX, Bed, EPOCH, LATER_MS},
    world::{self, PACK, claim, claim_of, not_decided, refused, verdict},
};
use graborder::{
    domain::{
        claim::{Claim, ClaimMode::*, VerdictStatus},
        ids::{ClaimId, LineId, StoreId, UserId},
        reason::Reason,
        round::RoundState,
    },
    hot::{ClaimAnswer, ClaimReply, Latch},
};
use uuid::Uuid;

#[tokio::test]
async fn a_claim_within_all_limits_wins_and_is_taken_once() {
    let now_ms = Bed::bare().await.now_ms().await;
    let world = world::round(2, 1, now_ms);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let asked = claim(&world.round, 0, AllOrNone, &[12, 6]);
    let answers = bed.claim(&[&asked]).await;
    let ClaimAnswer::Decided(won) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!((won.status, won.reason, won.granted(), won.epoch, won.n), (VerdictStatus::Won, None, 18, EPOCH, 2));
    assert_eq!((won.store_id, won.body_hash.as_str()), (asked.store_id, asked.body_hash().as_str()));
    assert!(won.decided_ms >= now_ms);

    let before = bed.raw.dump().await;
    for _ in 0..3 {
        assert_eq!(bed.claim(&[&asked]).await, [ClaimAnswer::Known(won.clone())]);
    }
    assert_eq!(bed.raw.dump().await, before, "a repeated id writes nothing");
    let left = bed.pool.loaded(world.round.round_id).await.unwrap().left;
    assert_eq!(left[&world.round.lines[0].line_id], 588);
    assert_eq!(left[&world.round.lines[1].line_id], 594);
    let packed = bed.pool.verdict(world.round.round_id, asked.claim_id).await.unwrap().unwrap();
    assert_eq!(graborder::domain::claim::Verdict::parse(&packed).as_ref(), Some(won));
    assert_eq!(bed.pool.verdict(world.round.round_id, ClaimId(Uuid::new_v4())).await.unwrap(), None);
}

#[tokio::test]
async fn a_losers_repeated_id_gets_its_first_verdict_though_stock_came_back() {
    let mut world = world::round(1, 2, Bed::bare().await.now_ms().await);
    world.round.lines[0].left = 6;
    let mut bed = Bed::with(vec![world.clone()]).await;
    let (first, second) = (claim(&world.round, 0, Partial, &[6]), claim(&world.round, 1, Partial, &[6]));
    let answers = bed.claim(&[&first, &second]).await;
    assert_eq!(verdict(&answers[0]).status, VerdictStatus::Won);
    let Reason::SoldOut { sold_out_at_ms, recv_at_ms, left: 0 } = refused(&answers[1]) else { panic!("{answers:?}") };
    assert_eq!(sold_out_at_ms, recv_at_ms, "the last unit went in this very call");
    bed.pool.stop(EPOCH, world.round.round_id, 2).await.unwrap();
    assert_eq!(bed.claim(&[&second]).await, [ClaimAnswer::Known(verdict(&answers[1]).clone())]);
}

#[tokio::test]
async fn a_known_id_with_another_body_is_no_claim() {
    let world = world::round(1, 2, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let (round, id) = (&world.round, ClaimId(Uuid::new_v4()));
    let mine = claim_of(round, id, round.invited[0].store_id, Partial, &[6]);
    let others = [
        claim_of(round, id, round.invited[0].store_id, Partial, &[12]),
        claim_of(round, id, round.invited[0].store_id, AllOrNone, &[6]),
        claim_of(round, id, round.invited[1].store_id, Partial, &[6]),
    ];
    let won = bed.claim(&[&mine]).await;
    for other in &others {
        assert_eq!(not_decided(&bed.claim(&[other]).await[0]), Reason::BadClaim {});
    }
    assert_eq!(bed.claim(&[&mine]).await, [ClaimAnswer::Known(verdict(&won[0]).clone())]);
}

#[tokio::test]
async fn an_id_repeated_within_one_call_counts_as_known() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let id = ClaimId(Uuid::new_v4());
    let store = world.round.invited[0].store_id;
    let (six, twelve) =
        (claim_of(&world.round, id, store, Partial, &[6]), claim_of(&world.round, id, store, Partial, &[12]));
    let answers = bed.claim(&[&six, &six, &twelve, &six]).await;
    let won = verdict(&answers[0]).clone();
    assert_eq!(answers[0], ClaimAnswer::Decided(won.clone()));
    assert_eq!(answers[1], ClaimAnswer::Known(won.clone()));
    assert_eq!(answers[2], ClaimAnswer::NotDecided(Reason::BadClaim {}));
    assert_eq!(answers[3], ClaimAnswer::Known(won));
    assert_eq!(bed.pool.head().await.unwrap().appended, 1);
    assert_eq!(bed.pool.loaded(world.round.round_id).await.unwrap().left[&world.round.lines[0].line_id], 594);
}

#[tokio::test]
async fn sixty_four_baskets_of_twenty_lines_are_decided_in_one_call() {
    let mut world = world::round(20, 64, Bed::bare().await.now_ms().await);
    world.round.lines.iter_mut().for_each(|line| line.left = 60 * PACK);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let claims: Vec<Claim> = (0..64).map(|store| claim(&world.round, store, AllOrNone, &[PACK; 20])).collect();
    let answers = bed.claim(&claims.iter().collect::<Vec<_>>()).await;
    let won = answers.iter().filter(|answer| verdict(answer).status == VerdictStatus::Won).count();
    assert_eq!((won, answers.len()), (60, 64));
    assert!(bed.pool.loaded(world.round.round_id).await.unwrap().left.values().all(|left| *left == 0));
    assert!(bed.claimer.claim(EPOCH, LATER_MS, BACKLOG_MAX, world.round.round_id, &[&claims[0]; 65]).await.is_err());
}

#[tokio::test]
async fn what_is_not_decided_leaves_no_trace() {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut early = world::round(1, 1, now_ms);
    (early.round.opens_ms, early.round.closes_ms, early.round.shift_ms) = (now_ms + 50_000, now_ms + 60_000, 7_000);
    let mut warming = world::round(1, 1, now_ms);
    warming.round.state = RoundState::Warming;
    let mut late = world::round(1, 1, now_ms);
    (late.round.opens_ms, late.round.closes_ms) = (now_ms - 9_000, now_ms - 5_000);
    let mut paused = world::round(1, 1, now_ms);
    paused.round.state = RoundState::Paused;
    paused.paused = Some(Latch { pause_no: 1, paused_ms: now_ms - 10 });
    let mut closed = world::round(1, 1, now_ms);
    closed.round.state = RoundState::Settling;
    let mut staged = world::round(1, 1, now_ms);
    staged.round.invited[0].offset_ms = 100_000;
    let worlds = [&early, &warming, &late, &paused, &closed, &staged];
    let mut bed = Bed::with(worlds.into_iter().cloned().collect()).await;
    let before = bed.raw.dump().await;

    let mut reasons = Vec::new();
    for world in worlds {
        let asked = claim(&world.round, 0, Partial, &[6]);
        let ClaimReply::Ok { now_ms, replies } = bed.call(&[&asked, &asked]).await else { panic!("not ok") };
        assert_eq!(replies[0], replies[1]);
        reasons.push((not_decided(&replies[0]), now_ms));
    }
    let not_open = |world: &graborder::hot::SnapshotRound, recv_at_ms| Reason::NotOpen {
        opens_at_ms: world.round.opens_ms + world.round.shift_ms,
        closes_at_ms: world.round.closes_ms + world.round.shift_ms,
        recv_at_ms,
    };
    assert_eq!(reasons[0].0, not_open(&early, reasons[0].1));
    assert_eq!(reasons[1].0, not_open(&warming, reasons[1].1));
    assert_eq!(reasons[2].0, not_open(&late, reasons[2].1));
    assert_eq!(reasons[3].0, Reason::Paused { paused_at_ms: now_ms - 10 });
    assert_eq!(reasons[4].0, not_open(&closed, reasons[4].1));
    assert_eq!(reasons[5].0, Reason::Stage { opens_at_ms: staged.round.opens_ms + 100_000, recv_at_ms: reasons[5].1 });
    assert_eq!(bed.raw.dump().await, before);
}

#[tokio::test]
async fn a_stopped_round_tells_that_it_is_over() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    bed.pool.stop(EPOCH, world.round.round_id, 2).await.unwrap();
    let answers = bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await;
    let Reason::NotOpen { closes_at_ms, recv_at_ms, .. } = not_decided(&answers[0]) else { panic!("{answers:?}") };
    assert!(closes_at_ms <= recv_at_ms && closes_at_ms < world.round.closes_ms);
}

#[tokio::test]
async fn an_unknown_line_is_no_claim_and_an_uninvited_store_is_refused() {
    let now_ms = Bed::bare().await.now_ms().await;
    let world = world::round(2, 1, now_ms);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let mut foreign = world.round.clone();
    foreign.lines[1].line_id = LineId::new();
    assert_eq!(not_decided(&bed.claim(&[&claim(&foreign, 0, Partial, &[6, 6])]).await[0]), Reason::BadClaim {});
    assert_eq!(bed.pool.head().await.unwrap().appended, 0);

    let stranger = claim_of(&world.round, ClaimId(Uuid::new_v4()), StoreId::new(), Partial, &[6]);
    let answers = bed.claim(&[&stranger]).await;
    assert_eq!(refused(&answers[0]), Reason::NotInvited {});
    assert_eq!(bed.claim(&[&stranger]).await, [ClaimAnswer::Known(verdict(&answers[0]).clone())]);
    let last_ms = bed.raw.number(&bed.pool.keys().round(world.round.round_id), "last_ms").await;
    assert_eq!(last_ms, Some(verdict(&answers[0]).decided_ms), "a loser moves the round's time too");
}

#[tokio::test]
async fn a_call_past_its_deadline_decides_nothing() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let before = bed.raw.dump().await;
    let asked = claim(&world.round, 0, Partial, &[6]);
    let deadline_ms = bed.now_ms().await - 1;
    let round_id = world.round.round_id;
    let reply = bed.claimer.claim(EPOCH, deadline_ms, BACKLOG_MAX, round_id, &[&asked]).await.unwrap();
    assert!(matches!(reply, ClaimReply::Stale { now_ms } if now_ms > deadline_ms), "{reply:?}");
    assert_eq!(bed.raw.dump().await, before);
}

#[tokio::test]
async fn a_round_that_is_not_here_and_an_epoch_that_is_over_are_told() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let elsewhere = world::round(1, 1, 0);
    let reply = bed.call(&[&claim(&elsewhere.round, 0, Partial, &[6])]).await;
    assert!(matches!(reply, ClaimReply::Unknown { .. }), "{reply:?}");
    let asked = claim(&world.round, 0, Partial, &[6]);
    for epoch in [0, EPOCH + 1] {
        let reply = bed.claimer.claim(epoch, LATER_MS, BACKLOG_MAX, world.round.round_id, &[&asked]).await.unwrap();
        assert_eq!(reply, ClaimReply::Epoch(EPOCH));
    }
    bed.pool.drop_round(world.round.round_id).await.unwrap();
    assert!(matches!(bed.call(&[&asked]).await, ClaimReply::Unknown { .. }));
}

#[tokio::test]
async fn a_pool_that_was_never_blessed_or_was_flushed_is_fenced() {
    let mut bed = Bed::bare().await;
    let world = world::round(1, 1, bed.now_ms().await);
    let asked = claim(&world.round, 0, Partial, &[6]);
    assert_eq!(bed.call(&[&asked]).await, ClaimReply::Fenced);
    bed.build(EPOCH, vec![world.clone()]).await;
    bed.claim(&[&asked]).await;
    let pool = bed.pool.keys().pool();
    bed.raw.run::<i64>(&["DEL", &pool]).await;
    assert_eq!(bed.call(&[&asked]).await, ClaimReply::Fenced);
}

#[tokio::test]
async fn claims_wait_while_the_books_are_behind() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let claims: Vec<Claim> = (0..5).map(|_| claim(&world.round, 0, Partial, &[6])).collect();
    let all: Vec<&Claim> = claims.iter().collect();
    let round_id = world.round.round_id;
    let decided = |reply: ClaimReply| match reply {
        ClaimReply::Ok { replies, .. } => {
            let busy = ClaimAnswer::NotDecided(Reason::Overloaded { retry_after_ms: 1000 });
            replies.iter().take_while(|answer| **answer != busy).count()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(decided(bed.claimer.claim(EPOCH, LATER_MS, 3, round_id, &all).await.unwrap()), 3);
    assert_eq!(
        decided(bed.claimer.claim(EPOCH, LATER_MS, 3, round_id, &all).await.unwrap()),
        3,
        "known ones are answered"
    );
    bed.pool.report_written(EPOCH, 2).await.unwrap();
    assert_eq!(decided(bed.claimer.claim(EPOCH, LATER_MS, 3, round_id, &all).await.unwrap()), 5);
}

#[tokio::test]
async fn a_clock_that_was_set_back_opens_no_window_again() {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut world = world::round(1, 1, now_ms);
    (world.round.closes_ms, world.last_ms) = (now_ms + 100_000, now_ms + 200_000);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let asked = claim(&world.round, 0, Partial, &[6]);
    let ClaimReply::Ok { now_ms: seen_ms, replies } = bed.call(&[&asked]).await else { panic!("not ok") };
    assert_eq!(seen_ms, now_ms + 200_000);
    assert!(matches!(not_decided(&replies[0]), Reason::NotOpen { recv_at_ms, .. } if recv_at_ms == seen_ms));
    // The user is told in the verdict and nowhere compared.
    assert_eq!(asked.user_id, UserId(Uuid::nil()));
}
