//! From the log to the books, whatever breaks in between.

use super::{
    log::{Log, drain},
    world::{Offer, World},
};
use graborder::{
    domain::{
        claim::ClaimMode::Partial,
        event::{Effect, ReleasedLine},
    },
    events::Follower,
    storage::{
        ledger::{self, DecidedClaim},
        outbox::{self, NewRow},
    },
    writer::{Next, Step, Writer},
};
use redis::AsyncCommands;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

async fn world() -> World {
    World::new(&[Offer(6_000, 0, 0), Offer(6_000, 0, 1)], 8).await
}

fn wins(world: &World, count: usize) -> Vec<DecidedClaim> {
    (0..count).map(|i| world.decided(i % 8, Partial, 1, &[(0, 1, 1), (1, 1, 1)])).collect()
}

async fn next_batch(writer: &mut Writer) -> ledger::Batch {
    match writer.next().await.unwrap() {
        Next::Batch(batch) => batch,
        other => panic!("{other:?}"),
    }
}

/// Every decision once, every winner told once, every number heard once.
async fn assert_written_once(world: &World, decisions: i64) {
    world.assert_books_agree().await;
    assert_eq!(world.one::<i64>("select count(*) from claims").await, decisions);
    assert_eq!(world.one::<i64>("select count(*) from outbox where event->>'t' = 'ordered'").await, decisions);
    assert_eq!(world.position().await.claims_written, decisions);
    let started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    let rows = i64::try_from(started.recent.len()).unwrap();
    assert_eq!(rows, world.one::<i64>("select last_number from pool_out").await);
}

#[tokio::test]
async fn a_full_house_is_written_in_whole_entries_of_at_most_1024_decisions() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    for _ in 0..20 {
        log.claims(&wins(&world, 60)).await;
    }
    let mut writer = log.writer();
    let Step::Wrote { entries: 17, claims: 1020, last_number: Some(number) } = writer.step().await.unwrap() else {
        panic!()
    };
    assert_eq!(number, 1020 + 2);
    assert!(matches!(writer.step().await.unwrap(), Step::Wrote { entries: 3, claims: 180, .. }));
    assert_eq!(writer.step().await.unwrap(), Step::Idle);
    assert_written_once(&world, 1200).await;
    let head = log.hot.head().await.unwrap();
    assert_eq!((head.appended, head.written), (1200, 1200));
}

#[tokio::test]
async fn a_hint_follows_every_commit_that_has_something_to_tell() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    let mut hints = log.hot.hints();
    assert_eq!(hints.next().await, None, "subscribed");
    log.claims(&wins(&world, 3)).await;
    assert_eq!(drain(&mut log.writer()).await, 3);
    assert_eq!(hints.next().await, Some(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_writers_on_one_log_double_nothing() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    for _ in 0..60 {
        log.claims(&wins(&world, 20)).await;
    }
    let mut writers = JoinSet::new();
    for _ in 0..2 {
        let mut writer = log.writer();
        writers.spawn(async move { drain(&mut writer).await });
    }
    // Entries go on coming while they race.
    for _ in 0..20 {
        log.claims(&wins(&world, 5)).await;
    }
    let mut new: usize = writers.join_all().await.iter().sum();
    new += drain(&mut log.writer()).await;
    assert_eq!(new, 1300);
    assert_written_once(&world, 1300).await;
}

#[tokio::test]
async fn a_writer_killed_between_log_and_commit_has_done_nothing() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    log.claims(&wins(&world, 7)).await;
    let mut killed = log.writer();
    let batch = next_batch(&mut killed).await;
    drop(killed);
    // Another dies in the middle of its transaction.
    let mut tx = world.db.0.begin().await.unwrap();
    ledger::apply(&mut tx, &batch).await.unwrap().unwrap();
    drop(tx);
    assert_eq!(world.one::<i64>("select count(*) from claims").await, 0);
    assert_eq!(drain(&mut log.writer()).await, 7);
    assert_written_once(&world, 7).await;
}

#[tokio::test]
async fn a_writer_killed_between_commit_and_publish_has_lost_nothing() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    let mut follower = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap().follower;
    log.claims(&wins(&world, 7)).await;
    let mut killed = log.writer();
    let batch = next_batch(&mut killed).await;
    killed.commit(&batch).await.unwrap().unwrap();
    drop(killed);
    assert_eq!(log.hot.head().await.unwrap().written, 0);
    // Nodes hear of it without the hint, and the next writer reports what the dead one did not.
    assert_eq!(follower.poll().await.unwrap().len(), 7 + 2);
    assert_eq!(drain(&mut log.writer()).await, 0);
    assert_eq!(log.hot.head().await.unwrap().written, 7);
    assert_written_once(&world, 7).await;
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_not_made_again() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    log.claims(&wins(&world, 4)).await;
    let mut writer = log.writer();
    let batch = next_batch(&mut writer).await;
    // The same writer tries once more what another connection has committed.
    log.writer().commit(&batch).await.unwrap().unwrap();
    assert_eq!(writer.step().await.unwrap(), Step::Lost);
    assert_eq!(drain(&mut writer).await, 0);
    assert_written_once(&world, 4).await;
}

#[tokio::test]
async fn a_gap_stops_the_writer_until_a_recovery() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    log.claims(&wins(&world, 2)).await;
    log.skip(3);
    log.claims(&wins(&world, 2)).await;
    let mut writer = log.writer();
    assert!(matches!(writer.step().await.unwrap(), Step::Wrote { entries: 1, claims: 2, .. }));
    for _ in 0..2 {
        assert_eq!(writer.step().await.unwrap(), Step::Gap { expected: 2, found: 5 });
    }
    assert_eq!((world.position().await.log_n, world.one::<i64>("select count(*) from claims").await), (1, 2));

    // The recovery begins an epoch with a log of its own; the old one is not read any further.
    sqlx::raw_sql("update pools set epoch = 2, log_pos = '0-0', log_n = 0, claims_written = 0, fenced_at = now()")
        .execute(&world.db.0)
        .await
        .unwrap();
    let mut log = Log::blessed(&world, 2).await;
    log.entry(&[("kind", "bless"), ("at", "1"), ("lost", &format!("{}:40", world.round))]).await;
    log.claims(&wins(&world, 3)).await;
    let mut steps = Vec::new();
    for _ in 0..4 {
        steps.push(writer.step().await.unwrap());
    }
    assert!(steps.iter().any(|step| matches!(step, Step::Wrote { claims: 3, entries: 2, .. })), "{steps:?}");
    assert_eq!(steps.last(), Some(&Step::Idle));
    assert!(!world.one::<bool>("select fenced_at is not null from pools").await);
    assert_eq!(world.one::<i64>("select shift_ms from rounds").await, 40);
}

#[tokio::test]
async fn a_poisoned_entry_is_set_aside_and_the_log_goes_on() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    let good = wins(&world, 6);
    log.claims(&good[..2]).await;
    log.body("not a decision\nnor this", 2).await;
    let forged = good[2].packed.replace(",1,1,", ",1,9,");
    log.body(&format!("{}|{forged}", good[2].claim_id), 1).await;
    log.entry(&[("kind", "explode"), ("at", "7"), ("nul", "\0")]).await;
    // Not from a script at all: it has no number and takes none.
    log.raw(&[("hello", "world")]).await;
    log.claims(&good[3..]).await;
    assert_eq!(drain(&mut log.writer()).await, 5);
    assert_eq!(world.one::<i64>("select count(*) from claims").await, 5);
    assert_eq!(world.one::<i64>("select count(*) from dead_entries where pool_id = 'main' and epoch = 1").await, 4);
    assert_eq!(world.one::<i64>("select count(*) from dead_entries where body @> '[[\"hello\", \"world\"]]'").await, 1);
    assert_eq!(world.position().await.log_n, 5);
    // Nobody waits for ever for decisions that were set aside.
    let head = log.hot.head().await.unwrap();
    assert_eq!((head.appended, head.written), (8, 8));
    world.assert_books_agree().await;
}

#[tokio::test]
async fn decisions_that_redis_never_counted_do_not_stop_the_reports() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    let forged: Vec<String> = wins(&world, 3).iter().map(|c| format!("{}|{}", c.claim_id, c.packed)).collect();
    log.body(&forged.join("\n"), 0).await;
    log.claims(&wins(&world, 2)).await;
    drain(&mut log.writer()).await;
    let head = log.hot.head().await.unwrap();
    assert_eq!((head.appended, head.written), (2, 2));
}

#[tokio::test]
async fn a_batch_that_is_too_much_is_tried_in_halves() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    for _ in 0..20 {
        log.claims(&wins(&world, 60)).await;
    }
    let mut writer = log.writer();
    // Somebody sits on the pool until the writer's patience is over.
    let mut sitting = world.db.0.begin().await.unwrap();
    sqlx::raw_sql("select 1 from pools for update").execute(&mut *sitting).await.unwrap();
    assert!(writer.step().await.is_err());
    sitting.rollback().await.unwrap();
    assert!(matches!(writer.step().await.unwrap(), Step::Wrote { entries: 8, claims: 480, .. }));
    assert_eq!(drain(&mut writer).await, 720);
    assert_written_once(&world, 1200).await;
}

async fn append(world: &World, effects: &[Effect]) -> i64 {
    let rows: Vec<NewRow> = effects.iter().cloned().map(NewRow::Effect).collect();
    let mut tx = world.db.0.begin().await.unwrap();
    let last = outbox::append(&mut tx, &world.pool, &rows).await.unwrap();
    tx.commit().await.unwrap();
    last
}

#[tokio::test]
async fn effects_reach_redis_in_their_order_and_wait_while_it_is_fenced() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    let suspended = log.hot.keys().suspended();
    let suspend = |store: usize, until_ms| Effect::Suspend { store_id: world.stores[store], until_ms };
    append(&world, &[suspend(0, 5), suspend(1, 6), suspend(0, 7)]).await;
    let mut writer = log.writer();
    writer.step().await.unwrap();
    let until: Vec<(String, i64)> = log.redis.hgetall(&suspended).await.unwrap();
    assert_eq!(until.len(), 2);
    assert!(until.contains(&(world.stores[0].to_string(), 7)));
    assert_eq!(log.hot.head().await.unwrap().applied_no, 3);

    // Another process than the blessed one: nothing may be changed there.
    let run_id: String = log.redis.hget(log.hot.keys().pool(), "run_id").await.unwrap();
    let _: () = log.redis.hset(log.hot.keys().pool(), "run_id", "another").await.unwrap();
    let released = Effect::Release {
        round_id: world.round,
        store_id: world.stores[0],
        day: "2026-11-23".into(),
        period: "2026-11-19".into(),
        dock_day: "2026-11-24".into(),
        credit_cents: 500,
        lines: vec![ReleasedLine { line_id: world.lines[0], units: 2 }],
    };
    let last = append(&world, &[suspend(1, 0), released]).await;
    for _ in 0..2 {
        writer.step().await.unwrap();
    }
    assert_eq!(log.hot.head().await.unwrap().applied_no, 3);
    let _: () = log.redis.hset(log.hot.keys().pool(), "run_id", run_id).await.unwrap();
    writer.step().await.unwrap();
    assert_eq!(log.hot.head().await.unwrap().applied_no, last);
    assert_eq!(log.redis.hget::<_, _, i64>(&suspended, world.stores[1].to_string()).await.unwrap(), 0);
    // A writer that knows nothing asks Redis where it stands and repeats nothing.
    append(&world, &[suspend(2, 9)]).await;
    log.writer().step().await.unwrap();
    assert_eq!(log.hot.head().await.unwrap().applied_no, last + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loop_bears_a_database_that_is_away_and_writes_on_when_it_is_back() {
    let world = world().await;
    let mut log = Log::blessed(&world, 1).await;
    let stop = CancellationToken::new();
    let mut loops = JoinSet::new();
    // Two nodes: one holds the lease, the other waits for it.
    for _ in 0..2 {
        loops.spawn(log.writer().run(stop.clone()));
    }
    log.claims(&wins(&world, 5)).await;
    until(&world, 5).await;
    assert_eq!(world.one::<i64>("select count(*) from leases where name = 'writer:main'").await, 1);

    let admin = sqlx::PgPool::connect(&world.url.replace(&format!("/{}?", world.name), "/postgres?")).await.unwrap();
    let close = format!(
        "alter database {0} with allow_connections false;
         select pg_terminate_backend(pid) from pg_stat_activity where datname = '{0}'",
        world.name
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(close)).execute(&admin).await.unwrap();
    log.claims(&wins(&world, 5)).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let open = format!("alter database {} with allow_connections true", world.name);
    sqlx::raw_sql(sqlx::AssertSqlSafe(open)).execute(&admin).await.unwrap();
    log.claims(&wins(&world, 5)).await;
    until(&world, 15).await;
    stop.cancel();
    loops.join_all().await;
    assert_written_once(&world, 15).await;
    assert_eq!(world.one::<i64>("select count(*) from leases").await, 0, "given back at the end");
}

/// Waits until so many decisions are in the books.
async fn until(world: &World, decisions: i64) {
    for _ in 0..1_000 {
        let written = sqlx::query_scalar::<_, i64>("select count(*) from claims").fetch_one(&world.db.0).await;
        if written.is_ok_and(|written| written == decisions) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not written within ten seconds");
}
