//! Everybody hears of everything that was committed: once, in order.

use super::world::{Offer, World};
use graborder::{
    domain::{
        claim::ClaimMode::Partial,
        event::{Effect, Notice, StateEvent, StoreEvent},
        ids::RoundId,
    },
    events::{Error, Follower, Kind, Row},
    storage::{outbox, status},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Barrier, Notify, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

fn notice(world: &World, store: usize) -> outbox::NewRow {
    outbox::NewRow::Store {
        store_id: world.stores[store],
        round_id: None,
        event: StoreEvent::Notice(Notice::Invited { round_id: RoundId::new() }),
    }
}

async fn append(world: &World, rows: &[outbox::NewRow]) -> i64 {
    let mut tx = world.db.0.begin().await.unwrap();
    let last = outbox::append(&mut tx, &world.pool, rows).await.unwrap();
    tx.commit().await.unwrap();
    last
}

/// What a node would have handed on: every number once and every store's events without a hole.
#[derive(Default)]
struct Heard {
    last: i64,
    stores: HashMap<graborder::domain::ids::StoreId, i64>,
    rows: usize,
}

impl Heard {
    fn hear(&mut self, row: &Row) {
        assert!(row.number > self.last, "{} after {}", row.number, self.last);
        self.last = row.number;
        self.rows += 1;
        if let Kind::Store { store_id, store_seq, .. } = row.kind {
            let before = self.stores.insert(store_id, store_seq).unwrap_or(0);
            assert_eq!(store_seq, before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_writers_at_once_leave_no_hole_and_a_follower_sees_every_number_once() {
    let world = Arc::new(World::new(&[Offer(6000, 0, 0)], 4).await);
    let started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    assert!(started.recent.is_empty());
    let (sender, mut rows) = mpsc::channel(8);
    let stop = CancellationToken::new();
    let heads = started.follower.heads();
    let mut following = JoinSet::new();
    following.spawn(started.follower.run(stop.clone(), Arc::new(Notify::new()), sender));

    let barrier = Arc::new(Barrier::new(10));
    let mut writers = JoinSet::new();
    for task in 0..10 {
        let (world, barrier) = (Arc::clone(&world), Arc::clone(&barrier));
        writers.spawn(async move {
            barrier.wait().await;
            for turn in 0..20 {
                append(&world, &[notice(&world, task % 4), notice(&world, (task + turn) % 4)]).await;
            }
        });
    }
    // Meanwhile the ledger writes too.
    for turn in 0..5 {
        world.write(vec![world.claims(vec![world.decided(0, Partial, turn, &[(0, 6, 6)])])]).await;
    }
    let mut heard = Heard::default();
    let expected = 10 * 20 * 2 + 5 * 3;
    while heard.rows < expected {
        heard.hear(&rows.recv().await.unwrap());
    }
    writers.join_all().await;
    stop.cancel();
    following.join_next().await.unwrap().unwrap().unwrap();
    assert!(rows.recv().await.is_none());
    assert_eq!(heard.last, i64::try_from(expected).unwrap());
    for store in &world.stores {
        assert_eq!(heads.store_seq(*store), heard.stores[store]);
    }
    world.assert_books_agree().await;
}

#[tokio::test]
async fn a_node_starts_with_the_last_minutes_and_everybody_s_newest_number() {
    let world = World::new(&[Offer(6000, 0, 0)], 2).await;
    append(&world, &[notice(&world, 0), notice(&world, 1)]).await;
    sqlx::raw_sql("update outbox set at = now() - interval '6 minutes'").execute(&world.db.0).await.unwrap();
    append(&world, &[notice(&world, 0)]).await;
    let mut started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    assert_eq!(started.recent.iter().map(|row| row.number).collect::<Vec<_>>(), [3]);
    assert_eq!(started.follower.cursor(), 3);
    let heads = started.follower.heads();
    assert_eq!((heads.store_seq(world.stores[0]), heads.store_seq(world.stores[1])), (2, 1));
    assert!(started.follower.poll().await.unwrap().is_empty());
    append(&world, &[notice(&world, 1)]).await;
    assert_eq!(started.follower.poll().await.unwrap()[0].number, 4);
    assert_eq!(heads.store_seq(world.stores[1]), 2);
}

#[tokio::test]
async fn a_node_starts_with_the_state_of_every_round_of_which_long_nothing_was_told() {
    let world = World::new(&[Offer(60, 0, 0)], 2).await;
    let mut conn = world.db.0.acquire().await.unwrap();
    let over = world.add_round(&mut conn, "ARCHIVED").await;
    let status = status::round_status(&mut conn, world.round).await.unwrap();
    append(&world, &[notice(&world, 0)]).await;
    let started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    let [
        Row { number: 1, kind: Kind::State { event: StateEvent::Round(told), audience, .. }, .. },
        Row { number: 1, kind: Kind::State { round_id, event: StateEvent::Board(_), .. }, .. },
    ] = started.states.as_slice()
    else {
        panic!("{:?}", started.states)
    };
    assert_eq!((told, audience.len(), *round_id), (&status, 2, world.round));
    assert_ne!(*round_id, over);
}

#[tokio::test]
async fn a_state_names_its_audience_and_an_effect_is_told_to_nobody() {
    let world = World::new(&[Offer(60, 0, 0)], 3).await;
    let mut started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    let status = status::round_status(&mut world.db.0.acquire().await.unwrap(), world.round).await.unwrap();
    let effect = Effect::Suspend { store_id: world.stores[0], until_ms: 5 };
    let state = outbox::NewRow::State { round_id: world.round, event: StateEvent::Round(status.clone()) };
    append(&world, &[outbox::NewRow::Effect(effect), state]).await;
    let rows = started.follower.poll().await.unwrap();
    let [Row { number: 2, kind: Kind::State { round_id, event, audience }, .. }] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!((*round_id, event), (world.round, &StateEvent::Round(status)));
    assert_eq!(**audience, world.stores.iter().copied().collect());
    assert_eq!(started.follower.cursor(), 2);
}

#[tokio::test]
async fn a_number_left_out_is_an_error_and_is_not_stepped_over() {
    let world = World::new(&[Offer(60, 0, 0)], 1).await;
    let mut started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    append(&world, &[notice(&world, 0), notice(&world, 0), notice(&world, 0)]).await;
    sqlx::raw_sql("delete from outbox where number = 2").execute(&world.db.0).await.unwrap();
    for _ in 0..2 {
        let error = started.follower.poll().await.unwrap_err();
        assert!(matches!(error, Error::Gap { expected: 2, found: 3 }), "{error}");
    }
    assert_eq!(started.follower.cursor(), 0);
    // A node that starts now begins behind the hole.
    let started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    assert_eq!((started.recent.len(), started.follower.cursor()), (1, 3));
    // And behind the jump of a restored database.
    sqlx::raw_sql("update pool_out set last_number = last_number + 1000000").execute(&world.db.0).await.unwrap();
    let mut started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    assert_eq!((started.recent.len(), started.follower.cursor()), (0, 1_000_003));
    append(&world, &[notice(&world, 0)]).await;
    assert_eq!(started.follower.poll().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_commit_is_heard_of_although_its_hint_was_lost() {
    let world = World::new(&[Offer(60, 0, 0)], 1).await;
    let started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    let (sender, mut rows) = mpsc::channel(8);
    let stop = CancellationToken::new();
    let mut following = JoinSet::new();
    following.spawn(started.follower.run(stop.clone(), Arc::new(Notify::new()), sender));
    for number in 1..4 {
        append(&world, &[notice(&world, 0)]).await;
        let row = tokio::time::timeout(Duration::from_secs(2), rows.recv()).await.unwrap().unwrap();
        assert_eq!(row.number, number);
    }
    stop.cancel();
    following.join_next().await.unwrap().unwrap().unwrap();
}
