//! `warm.lua`: loading a round beside live ones.

use super::{
    bed::{Bed, EPOCH},
    dump::{counters, numbers},
    raw::WARM,
    world::{self, claim, verdict},
};
use graborder::{
    domain::{
        claim::{ClaimMode::Partial, VerdictStatus},
        event::Effect,
        ids::StoreId,
        round::RoundState,
    },
    hot::{ClaimReply, IgnoredWhy, RoundReply, SnapshotRound, WarmReply},
};

fn warming(lines: usize, stores: usize, now_ms: i64) -> SnapshotRound {
    let mut world = world::round(lines, stores, now_ms);
    (world.round.state, world.round.intent_no) = (RoundState::Warming, 0);
    world
}

#[tokio::test]
async fn a_warmed_round_opens_and_grants() {
    let mut bed = Bed::with(Vec::new()).await;
    let world = warming(3, 40, bed.now_ms().await);
    let id = world.round.round_id;
    assert_eq!(bed.pool.warm(EPOCH, 0, &world.round).await.unwrap(), WarmReply::Done);
    let head = bed.pool.round(EPOCH, id).await.unwrap().unwrap();
    assert_eq!((head.state, head.intent_no), (RoundState::Warming, 0));
    let loaded = bed.pool.loaded(id).await.unwrap();
    assert_eq!((loaded.stores, loaded.left.len()), (40, 3));
    assert!(loaded.left.values().all(|left| *left == 600));

    let before = bed.raw.dump().await;
    assert_eq!(bed.pool.warm(EPOCH, 0, &world.round).await.unwrap(), WarmReply::Known);
    assert_eq!(bed.raw.dump().await, before);
    assert!(matches!(bed.pool.open(EPOCH, id, 1).await.unwrap(), RoundReply::Applied { .. }));
    let answers = bed.claim(&[&claim(&world.round, 39, Partial, &[6, 6, 6])]).await;
    assert_eq!(verdict(&answers[0]).status, VerdictStatus::Won);
    assert_eq!(
        bed.pool.warm(EPOCH, 0, &world.round).await.unwrap(),
        WarmReply::Known,
        "nor is an open round loaded again"
    );
}

#[tokio::test]
async fn a_snapshot_of_another_number_starts_over() {
    let bed = Bed::with(Vec::new()).await;
    let world = warming(1, 1, bed.now_ms().await);
    let suspend = Effect::Suspend { store_id: StoreId::new(), until_ms: 0 };
    bed.pool.release(EPOCH, 7, &suspend).await.unwrap();
    for number in [0, 6, 8] {
        assert_eq!(bed.pool.warm(EPOCH, number, &world.round).await.unwrap(), WarmReply::Number(7));
    }
    assert_eq!(bed.pool.round(EPOCH, world.round.round_id).await.unwrap(), None);
    assert_eq!(bed.pool.warm(EPOCH, 7, &world.round).await.unwrap(), WarmReply::Done);
    assert_eq!(bed.pool.warm(EPOCH + 1, 7, &world.round).await.unwrap(), WarmReply::Epoch(EPOCH));
}

#[tokio::test]
async fn a_load_fills_absent_counters_and_leaves_those_that_are_there() {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut live = world::round(1, 2, now_ms);
    live.round.invited[1].day_units = 100;
    let mut bed = Bed::with(vec![live.clone()]).await;
    bed.claim(&[&claim(&live.round, 0, Partial, &[12])]).await;

    // Another round of the same day and period, due at the dock a day later, with a store that nobody loaded before. Its
    // snapshot does not yet know what was won a moment ago.
    let mut next = warming(1, 3, now_ms);
    next.round.dock_day = "2026-11-25".to_owned();
    for (store, known) in next.round.invited.iter_mut().zip(&live.round.invited) {
        store.store_id = known.store_id;
    }
    for store in &mut next.round.invited {
        (store.day_units, store.period_units, store.dock_used, store.credit_used_cents) = (1, 2, 3, 4);
        store.suspended_until_ms = 5;
    }
    assert_eq!(bed.pool.warm(EPOCH, 0, &next.round).await.unwrap(), WarmReply::Done);
    let dump = bed.raw.dump().await;
    let at = |store: usize| {
        let record = &dump[&bed.pool.keys().counters()[bed.raw.prefix.len() + 1..]];
        let (credit_cents, used) = counters(&record[&next.round.invited[store].store_id.to_string()]);
        let units = |key: &str| used.get(key).copied();
        (credit_cents, ["d2026-11-23", "p2026-11-19", "k2026-11-24", "k2026-11-25"].map(units))
    };
    assert_eq!(at(0), (3_000, [Some(12), Some(12), Some(12), Some(3)]));
    assert_eq!(at(1), (0, [Some(100), Some(0), Some(0), Some(3)]));
    assert_eq!(at(2), (4, [Some(1), Some(2), None, Some(3)]));
    let suspended = &dump[&bed.pool.keys().suspended()[bed.raw.prefix.len() + 1..]];
    assert_eq!(suspended.len(), 3, "nobody had been suspended or not");

    // Both rounds go on counting in the same entries.
    assert!(matches!(bed.pool.open(EPOCH, next.round.round_id, 1).await.unwrap(), RoundReply::Applied { .. }));
    bed.claim(&[&claim(&next.round, 0, Partial, &[6])]).await;
    bed.claim(&[&claim(&live.round, 0, Partial, &[6])]).await;
    let dump = bed.raw.dump().await;
    let record = &dump[&bed.pool.keys().counters()[bed.raw.prefix.len() + 1..]];
    let (credit_cents, used) = counters(&record[&next.round.invited[0].store_id.to_string()]);
    let units: Vec<i64> = used.into_values().collect();
    assert_eq!((credit_cents, units.as_slice()), (6_000, [24, 18, 9, 24].as_slice()), "day, docks, period");
}

#[tokio::test]
async fn old_days_leave_when_a_store_is_loaded_again() {
    let now_ms = Bed::bare().await.now_ms().await;
    let mut old = world::round(1, 1, now_ms);
    (old.round.day, old.round.period, old.round.dock_day) =
        ("2026-10-01".to_owned(), "2026-09-25".to_owned(), "2026-10-20".to_owned());
    let bed = Bed::with(vec![old.clone()]).await;
    let mut new = warming(1, 1, now_ms);
    new.round.invited[0].store_id = old.round.invited[0].store_id;
    assert_eq!(bed.pool.warm(EPOCH, 0, &new.round).await.unwrap(), WarmReply::Done);
    let mut bed = bed;
    let dump = bed.raw.dump().await;
    let record = &dump[&bed.pool.keys().counters()[bed.raw.prefix.len() + 1..]];
    let (_, used) = counters(&record[&new.round.invited[0].store_id.to_string()]);
    let kept: Vec<&str> = used.keys().map(String::as_str).collect();
    let expected = ["d2026-11-23", "k2026-10-20", "k2026-11-24", "p2026-09-25", "p2026-11-19"];
    assert_eq!(kept, expected, "the day of 53 days ago has left");
}

#[tokio::test]
async fn a_load_that_broke_off_is_unknown_and_can_be_done_again() {
    let mut bed = Bed::with(Vec::new()).await;
    let world = warming(2, 3, bed.now_ms().await);
    let (pool, id) = (bed.pool.clone(), world.round.round_id);
    let keys = load_keys(&bed, &world);
    let line = world.round.lines[0].line_id.to_string();
    let lines = ["1", "0", "lines", &line, "1", "6", "1", "-1", "250", "600", "0"];
    // Without its beginning nothing is taken.
    assert_eq!(bed.raw.eval(WARM, &keys, &lines).await.unwrap(), ["incomplete"]);
    assert_eq!(bed.raw.eval(WARM, &keys, &["1", "0", "begin"]).await.unwrap(), ["ok"]);
    assert_eq!(bed.raw.eval(WARM, &keys, &lines).await.unwrap(), ["ok"]);
    let end = [
        "1",
        "0",
        "end",
        "2",
        "3",
        "WARMING",
        "1",
        "2",
        "0",
        "0",
        "0",
        "2026-11-23",
        "2026-11-19",
        "2026-11-24",
        "",
        "",
    ];
    assert_eq!(bed.raw.eval(WARM, &keys, &end).await.unwrap(), ["incomplete"]);
    assert_eq!(pool.round(EPOCH, id).await.unwrap(), None);
    assert_eq!(pool.open(EPOCH, id, 1).await.unwrap(), RoundReply::Unknown);
    let reply = bed.call(&[&claim(&world.round, 0, Partial, &[6])]).await;
    assert!(matches!(reply, ClaimReply::Unknown { .. }), "{reply:?}");

    assert_eq!(pool.warm(EPOCH, 0, &world.round).await.unwrap(), WarmReply::Done);
    assert_eq!(pool.loaded(id).await.unwrap().left.len(), 2);
    assert!(matches!(pool.open(EPOCH, id, 1).await.unwrap(), RoundReply::Applied { .. }));
    assert_eq!(pool.open(EPOCH, id, 2).await.unwrap(), RoundReply::Ignored(IgnoredWhy::State));
}

#[tokio::test]
async fn a_thousand_stores_with_twenty_lines_are_loaded_in_chunks() {
    let mut bed = Bed::with(Vec::new()).await;
    let mut world = warming(20, 1_000, bed.now_ms().await);
    // A store that was invited to only one of the lines lists no other.
    world.round.invited[999].lines.truncate(1);
    assert_eq!(bed.pool.warm(EPOCH, 0, &world.round).await.unwrap(), WarmReply::Done);
    let loaded = bed.pool.loaded(world.round.round_id).await.unwrap();
    assert_eq!((loaded.stores, loaded.left.len()), (1_000, 20));
    let key = bed.pool.keys().invited(world.round.round_id);
    let record: Vec<u8> = bed.raw.run(&["HGET", &key, &world.round.invited[999].store_id.to_string()]).await;
    let record = numbers(&record);
    assert_eq!(record.len(), 6 + 4 * 20);
    assert_eq!((0..20).map(|line| record[6 + 4 * line]).sum::<i64>(), 1, "listed");
}

pub fn load_keys(bed: &Bed, world: &SnapshotRound) -> Vec<String> {
    let (keys, id) = (bed.pool.keys(), world.round.round_id);
    vec![
        keys.pool(),
        keys.round(id),
        keys.lines(id),
        keys.invited(id),
        keys.taken(id),
        keys.claims(id),
        keys.counters(),
        keys.suspended(),
        keys.users(),
    ]
}
