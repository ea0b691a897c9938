//! `open.lua`, `pause.lua`, `resume.lua`, `extend.lua`, `close.lua`: every word they answer.

use super::{
    bed::{Bed, EPOCH},
    world::{self, claim, not_decided, verdict},
};
use graborder::{
    domain::{
        claim::{ClaimMode::Partial, VerdictStatus},
        ids::RoundId,
        reason::Reason,
        round::RoundState,
    },
    hot::{IgnoredWhy, RoundReply, SnapshotRound},
    stream::{EntryKind, LogReader},
};

async fn bed(change: impl FnOnce(&mut SnapshotRound, i64)) -> (Bed, SnapshotRound) {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut world = world::round(1, 1, now_ms);
    world.round.intent_no = 0;
    change(&mut world, now_ms);
    (Bed::with(vec![world.clone()]).await, world)
}

fn ignored(reply: RoundReply) -> IgnoredWhy {
    match reply {
        RoundReply::Ignored(why) => why,
        other => panic!("{other:?}"),
    }
}

fn applied(reply: RoundReply) -> (i64, i64) {
    match reply {
        RoundReply::Applied { n, at_ms } => (n, at_ms),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_round_lives_from_warming_to_closed_and_the_log_tells_all_of_it() {
    let (mut bed, world) = bed(|w, _| w.round.state = RoundState::Warming).await;
    let id = world.round.round_id;
    let pool = &bed.pool.clone();
    assert_eq!(ignored(pool.pause(EPOCH, id, 1).await.unwrap()), IgnoredWhy::State);
    assert_eq!(ignored(pool.stop(EPOCH, id, 1).await.unwrap()), IgnoredWhy::State);
    let (n, opened_ms) = applied(pool.open(EPOCH, id, 1).await.unwrap());
    assert_eq!(n, 2);
    assert_eq!(ignored(pool.open(EPOCH, id, 1).await.unwrap()), IgnoredWhy::Intent);
    assert_eq!(ignored(pool.open(EPOCH, id, 2).await.unwrap()), IgnoredWhy::State);
    assert_eq!(ignored(pool.resume(EPOCH, id, 2, 1).await.unwrap()), IgnoredWhy::State);

    let (_, paused_ms) = applied(pool.pause(EPOCH, id, 3).await.unwrap());
    assert_eq!(ignored(pool.pause(EPOCH, id, 4).await.unwrap()), IgnoredWhy::State);
    let asked = claim(&world.round, 0, Partial, &[6]);
    assert_eq!(not_decided(&bed.claim(&[&asked]).await[0]), Reason::Paused { paused_at_ms: paused_ms });
    assert_eq!(ignored(pool.close(EPOCH, id, 4).await.unwrap()), IgnoredWhy::Latch);
    assert_eq!(ignored(pool.resume(EPOCH, id, 4, 2).await.unwrap()), IgnoredWhy::Latch);
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let (_, resumed_ms) = applied(pool.resume(EPOCH, id, 4, 3).await.unwrap());
    let shift_ms = resumed_ms - paused_ms;
    assert!(shift_ms >= 20);
    let head = pool.round(EPOCH, id).await.unwrap().unwrap();
    assert_eq!((head.state, head.shift_ms, head.paused), (RoundState::Open, shift_ms, None));
    assert_eq!(verdict(&bed.claim(&[&asked]).await[0]).status, VerdictStatus::Won);

    let closes_ms = world.round.closes_ms + 60_000;
    let (_, extended_ms) = applied(pool.extend(EPOCH, id, 5, closes_ms).await.unwrap());
    assert_eq!(ignored(pool.close(EPOCH, id, 6).await.unwrap()), IgnoredWhy::Early);
    let (n, closed_ms) = applied(pool.stop(EPOCH, id, 6).await.unwrap());
    assert_eq!(ignored(pool.extend(EPOCH, id, 7, closes_ms).await.unwrap()), IgnoredWhy::State);
    assert_eq!(ignored(pool.stop(EPOCH, id, 7).await.unwrap()), IgnoredWhy::State);
    assert_eq!(ignored(pool.open(EPOCH, id, 7).await.unwrap()), IgnoredWhy::State);
    let head = pool.round(EPOCH, id).await.unwrap().unwrap();
    assert_eq!((head.state, head.intent_no), (RoundState::Settling, 6));
    assert_eq!(bed.raw.number(&pool.keys().round(id), "closed_ms").await, Some(closed_ms));

    let entries = LogReader::new(pool, EPOCH).read("0-0", 100, 0).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.n).collect::<Vec<_>>(), (1..=n).map(Some).collect::<Vec<_>>());
    let kinds: Vec<EntryKind> = entries.into_iter().map(|entry| entry.kind).collect();
    assert!(matches!(&kinds[0], EntryKind::Bless { lost_ms, .. } if lost_ms.is_empty()));
    assert_eq!(kinds[1], EntryKind::Open { round_id: id, at_ms: opened_ms, intent_no: 1 });
    assert_eq!(kinds[2], EntryKind::Pause { round_id: id, at_ms: paused_ms, intent_no: 3 });
    assert_eq!(kinds[3], EntryKind::Resume { round_id: id, at_ms: resumed_ms, intent_no: 4, shift_ms });
    assert!(matches!(&kinds[4], EntryKind::Claims { decisions, .. } if decisions[0].0 == asked.claim_id));
    assert_eq!(kinds[5], EntryKind::Extend { round_id: id, at_ms: extended_ms, intent_no: 5, closes_ms });
    assert_eq!(kinds[6], EntryKind::Close { round_id: id, at_ms: closed_ms, intent_no: 6 });
}

#[tokio::test]
async fn a_round_closes_when_its_time_has_come_with_every_shift_in_it() {
    let (bed, world) = bed(|w, now_ms| {
        (w.round.opens_ms, w.round.closes_ms, w.round.shift_ms) = (now_ms - 900, now_ms - 100, 300);
    })
    .await;
    let id = world.round.round_id;
    assert_eq!(ignored(bed.pool.close(EPOCH, id, 1).await.unwrap()), IgnoredWhy::Early);
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    let late = world.round.closes_ms + 600_000;
    assert_eq!(ignored(bed.pool.extend(EPOCH, id, 1, late).await.unwrap()), IgnoredWhy::State, "its time has come");
    applied(bed.pool.close(EPOCH, id, 1).await.unwrap());
}

#[tokio::test]
async fn a_paused_round_can_be_stopped_and_extended() {
    let (bed, world) = bed(|_, _| ()).await;
    let id = world.round.round_id;
    applied(bed.pool.pause(EPOCH, id, 1).await.unwrap());
    applied(bed.pool.extend(EPOCH, id, 2, world.round.closes_ms + 1).await.unwrap());
    let head = bed.pool.round(EPOCH, id).await.unwrap().unwrap();
    assert_eq!((head.state, head.paused.map(|latch| latch.pause_no)), (RoundState::Paused, Some(1)));
    applied(bed.pool.stop(EPOCH, id, 3).await.unwrap());
    assert_eq!(bed.pool.round(EPOCH, id).await.unwrap().unwrap().state, RoundState::Settling);
}

#[tokio::test]
async fn intents_for_another_epoch_or_round_or_a_fenced_pool_do_nothing() {
    let (mut bed, world) = bed(|_, _| ()).await;
    let (pool, id, before) = (bed.pool.clone(), world.round.round_id, bed.raw.dump().await);
    let replies = async |epoch: i64, id: RoundId| {
        [
            pool.open(epoch, id, 9).await.unwrap(),
            pool.pause(epoch, id, 9).await.unwrap(),
            pool.resume(epoch, id, 9, 1).await.unwrap(),
            pool.extend(epoch, id, 9, world.round.closes_ms + 1).await.unwrap(),
            pool.close(epoch, id, 9).await.unwrap(),
            pool.stop(epoch, id, 9).await.unwrap(),
        ]
    };
    assert_eq!(replies(EPOCH + 1, id).await, [RoundReply::Epoch(EPOCH); 6]);
    assert_eq!(replies(EPOCH, RoundId::new()).await, [RoundReply::Unknown; 6]);
    assert_eq!(bed.raw.dump().await, before);
    let key = pool.keys().pool();
    bed.raw.run::<i64>(&["HDEL", &key, "run_id"]).await;
    assert_eq!(replies(EPOCH, id).await, [RoundReply::Fenced; 6]);
}
