//! `begin_rebuild.lua`, `rebuild.lua`, `bless.lua`, `drop_log.lua`: a pool built anew, and who may not.

use super::{
    bed::{Bed, EPOCH},
    loads::load_keys,
    raw::REBUILD,
    world::{self, claim, verdict},
};
use graborder::{
    domain::{claim::ClaimMode::Partial, ids::RoundId, round::RoundState},
    hot::{BlessReply, ClaimAnswer, ClaimReply, Latch, RebuildReply, RoundReply, Snapshot},
    stream::{EntryKind, LogReader},
};

#[tokio::test]
async fn a_rebuilt_pool_knows_what_was_decided_and_grants_what_is_left() {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut world = world::round(1, 1, now_ms);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let won = claim(&world.round, 0, Partial, &[12]);
    let first = verdict(&bed.claim(&[&won]).await[0]).clone();
    let packed = bed.pool.verdict(world.round.round_id, won.claim_id).await.unwrap().unwrap();

    // The books hold the win; another round was never written down here and is gone.
    let mut lost = world::round(1, 1, now_ms);
    lost.round.state = RoundState::Settling;
    (world.round.lines[0].left, world.last_ms) = (588, first.decided_ms);
    world.claims = vec![(won.claim_id, packed)];
    (world.round.invited[0].taken, world.round.invited[0].lines[0].taken) = (12, 12);
    world.round.invited[0].day_units = 12;
    bed.build(EPOCH + 1, vec![world.clone(), lost.clone()]).await;

    let asked = claim(&world.round, 0, Partial, &[600]);
    let reply = bed.claimer.claim(EPOCH, i64::MAX >> 12, 9, world.round.round_id, &[&asked]).await.unwrap();
    assert_eq!(reply, ClaimReply::Epoch(EPOCH + 1), "the old epoch is over");
    let mut call = async |claim| match bed
        .claimer
        .claim(EPOCH + 1, i64::MAX >> 12, 9, world.round.round_id, &[claim])
        .await
        .unwrap()
    {
        ClaimReply::Ok { replies, .. } => replies[0].clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(call(&won).await, ClaimAnswer::Known(first));
    assert_eq!(verdict(&call(&asked).await).granted(), 588);
    assert_eq!(bed.pool.round(EPOCH + 1, lost.round.round_id).await.unwrap().unwrap().state, RoundState::Settling);
    let head = bed.pool.head().await.unwrap();
    assert_eq!((head.epoch, head.appended, head.written, head.building_epoch), (EPOCH + 1, 1, 0, None));
}

#[tokio::test]
async fn rounds_of_an_older_epoch_count_as_not_loaded() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    bed.build(EPOCH + 1, Vec::new()).await;
    let id = world.round.round_id;
    assert_eq!(bed.pool.open(EPOCH + 1, id, 5).await.unwrap(), RoundReply::Unknown);
    let asked = claim(&world.round, 0, Partial, &[6]);
    let reply = bed.claimer.claim(EPOCH + 1, i64::MAX >> 12, 9, id, &[&asked]).await.unwrap();
    assert!(matches!(reply, ClaimReply::Unknown { .. }), "{reply:?}");
}

#[tokio::test]
async fn a_pool_is_fenced_from_the_beginning_of_its_rebuild_to_its_blessing() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let asked = claim(&world.round, 0, Partial, &[6]);
    let (pool, run_id) = (bed.pool.clone(), bed.run_id.clone());
    assert_eq!(pool.begin_rebuild(EPOCH + 1, &run_id).await.unwrap(), RebuildReply::Done);
    assert_eq!(bed.call(&[&asked]).await, ClaimReply::Fenced);
    let head = pool.head().await.unwrap();
    assert_eq!((head.run_id, head.epoch, head.building_epoch), (None, EPOCH, Some(EPOCH + 1)));

    let snapshot = |epoch, rounds| Snapshot { epoch, run_id: run_id.clone(), applied_no: 3, users: vec![], rounds };
    assert_eq!(pool.rebuild(&snapshot(EPOCH + 1, vec![world.clone()])).await.unwrap(), RebuildReply::Done);
    assert_eq!(bed.call(&[&asked]).await, ClaimReply::Fenced);
    // Whoever builds under a lower epoch, or under none that was begun, is refused at every step.
    for epoch in [EPOCH, EPOCH + 1] {
        assert_eq!(pool.begin_rebuild(epoch, &run_id).await.unwrap(), RebuildReply::Epoch(EPOCH + 1));
    }
    for epoch in [EPOCH, EPOCH + 2] {
        let reply = pool.rebuild(&snapshot(epoch, vec![world.clone()])).await.unwrap();
        assert_eq!(reply, RebuildReply::Epoch(EPOCH + 1));
        assert_eq!(pool.bless(epoch, &run_id, 3, 0, &[]).await.unwrap(), BlessReply::Epoch(EPOCH + 1));
    }
    let other = "0123456789abcdef0123456789abcdef01234567";
    assert_eq!(pool.begin_rebuild(EPOCH + 2, other).await.unwrap(), RebuildReply::RunId(run_id.clone()));
    assert_eq!(pool.bless(EPOCH + 1, other, 3, 0, &[]).await.unwrap(), BlessReply::RunId(run_id.clone()));
    let mut elsewhere = snapshot(EPOCH + 1, vec![world.clone()]);
    elsewhere.run_id = other.to_owned();
    assert_eq!(pool.rebuild(&elsewhere).await.unwrap(), RebuildReply::RunId(run_id.clone()));

    let absent = RoundId::new();
    let reply = pool.bless(EPOCH + 1, &run_id, 3, 0, &[world.round.round_id, absent]).await.unwrap();
    assert_eq!(reply, BlessReply::Incomplete(absent));
    let reply = pool.bless(EPOCH + 1, &run_id, 3, 0, &[world.round.round_id]).await.unwrap();
    assert!(matches!(reply, BlessReply::Blessed { n: 1, .. }));
    assert_eq!(pool.head().await.unwrap().applied_no, 3);
    // Late words of the building change nothing any more.
    let before = bed.raw.dump().await;
    let late = pool.rebuild(&snapshot(EPOCH + 1, vec![world.clone()])).await.unwrap();
    assert_eq!(late, RebuildReply::Epoch(EPOCH + 1));
    assert_eq!(pool.bless(EPOCH + 1, &run_id, 3, 0, &[]).await.unwrap(), BlessReply::Epoch(EPOCH + 1));
    assert_eq!(bed.raw.dump().await, before);
}

#[tokio::test]
async fn a_chunk_without_its_rounds_beginning_is_not_taken() {
    let mut bed = Bed::bare().await;
    let world = world::round(1, 1, 0);
    bed.pool.begin_rebuild(EPOCH, &bed.run_id).await.unwrap();
    let (keys, run_id) = (load_keys(&bed, &world), bed.run_id.clone());
    for chunk in ["lines", "stores", "claims", "end"] {
        assert_eq!(bed.raw.eval(REBUILD, &keys, &["1", &run_id, chunk]).await.unwrap(), ["incomplete"]);
    }
    assert_eq!(bed.raw.eval(REBUILD, &keys, &["1", &run_id, "begin"]).await.unwrap(), ["ok"]);
    for chunk in ["lines", "stores", "claims", "end", "", "other"] {
        assert_eq!(bed.raw.eval(REBUILD, &keys, &["1", &run_id, chunk]).await.unwrap()[0], "corrupt", "{chunk}");
    }
}

#[tokio::test]
async fn a_blessing_gives_the_fenced_time_back_to_rounds_that_were_running() {
    let now_ms = Bed::bare().await.now_ms().await;
    let opening = |state, since_ms: i64, length_ms: i64| {
        let mut round = world::round(1, 1, now_ms);
        round.round.state = state;
        round.round.opens_ms = now_ms - since_ms;
        round.round.closes_ms = now_ms - since_ms + length_ms;
        round
    };
    let (fenced_ms, hour) = (4_000, 3_600_000);
    let mut running = opening(RoundState::Open, 60_000, hour);
    running.round.shift_ms = 100;
    let mut paused = opening(RoundState::Paused, 60_000, hour);
    paused.paused = Some(Latch { pause_no: 1, paused_ms: now_ms - 5 });
    let rounds = vec![
        running,
        opening(RoundState::Open, 1_000, hour),
        opening(RoundState::Warming, 1_000, hour),
        opening(RoundState::Open, -60_000, hour),
        opening(RoundState::Warming, -60_000, hour),
        opening(RoundState::Open, 60_000, 58_000),
        opening(RoundState::Open, 60_000, 40_000),
        paused,
        opening(RoundState::Closed, 60_000, hour),
    ];

    let bed = Bed::bare().await;
    let ids: Vec<RoundId> = rounds.iter().map(|round| round.round.round_id).collect();
    bed.pool.begin_rebuild(EPOCH, &bed.run_id).await.unwrap();
    let snapshot = Snapshot { epoch: EPOCH, run_id: bed.run_id.clone(), applied_no: 0, users: vec![], rounds };
    assert_eq!(bed.pool.rebuild(&snapshot).await.unwrap(), RebuildReply::Done);
    let reply = bed.pool.bless(EPOCH, &bed.run_id, 0, fenced_ms, &ids).await.unwrap();
    let BlessReply::Blessed { n: 1, at_ms } = reply else { panic!("{reply:?}") };
    let mut shifts = Vec::new();
    for id in &ids {
        shifts.push(bed.pool.round(EPOCH, *id).await.unwrap().unwrap().shift_ms);
    }
    // Whole, or since the opening; nothing before an opening, after a close, or while the clock stands still anyway.
    let since = at_ms - now_ms + 1_000;
    assert_eq!(shifts, [4_100, since, since, 0, 0, 4_000, 0, 0, 0]);
    let entries = LogReader::new(&bed.pool, EPOCH).read("0-0", 9, 0).await.unwrap();
    let lost_ms = vec![(ids[0], 4_000), (ids[1], since), (ids[2], since), (ids[5], 4_000)];
    assert_eq!(entries[0].kind, EntryKind::Bless { at_ms, lost_ms });
}

#[tokio::test]
async fn a_new_epochs_log_begins_empty_and_only_a_finished_ones_may_be_dropped() {
    let mut bed = Bed::with(Vec::new()).await;
    let next = bed.pool.keys().log(EPOCH + 1);
    bed.raw.run::<String>(&["XADD", &next, "*", "n", "77"]).await;
    assert!(!bed.pool.drop_log(EPOCH).await.unwrap(), "the pool's own");
    bed.pool.begin_rebuild(EPOCH + 1, &bed.run_id).await.unwrap();
    assert_eq!(LogReader::new(&bed.pool, EPOCH + 1).end().await.unwrap(), None);
    assert!(!bed.pool.drop_log(EPOCH).await.unwrap(), "it may not have been drained");
    bed.pool.bless(EPOCH + 1, &bed.run_id, 0, 0, &[]).await.unwrap();
    assert!(LogReader::new(&bed.pool, EPOCH).end().await.unwrap().is_some());
    assert!(bed.pool.drop_log(EPOCH).await.unwrap());
    assert_eq!(LogReader::new(&bed.pool, EPOCH).end().await.unwrap(), None);
    assert!(!bed.pool.drop_log(EPOCH + 1).await.unwrap());
    assert!(LogReader::new(&bed.pool, EPOCH + 1).end().await.unwrap().is_some());
}

#[tokio::test]
async fn a_round_without_a_latch_cannot_be_loaded_as_paused() {
    let bed = Bed::bare().await;
    bed.pool.begin_rebuild(EPOCH, &bed.run_id).await.unwrap();
    let mut world = world::round(1, 1, 0);
    world.round.state = RoundState::Paused;
    let (epoch, run_id) = (EPOCH, &bed.run_id);
    let snapshot =
        |world| Snapshot { epoch, run_id: run_id.clone(), applied_no: 0, users: vec![], rounds: vec![world] };
    assert!(bed.pool.rebuild(&snapshot(world.clone())).await.is_err());
    world.round.state = RoundState::Draft;
    assert!(bed.pool.rebuild(&snapshot(world)).await.is_err());
}
