//! Redis is lost, and comes back knowing nothing that the books do not.

use super::{
    stage::{Answer, CONFIG, Stage, coordinator},
    world::{NEED, World},
};
use crate::servers::own_redis;
use graborder::{
    domain::{
        ids::{ClaimId, RoundId},
        round::{Intent, RoundState},
    },
    servers::PrivateRedis,
    storage::{Db, rounds},
};
use std::time::Duration;

async fn harm(redis: &PrivateRedis, command: &str, arguments: &[String]) {
    let client = redis::Client::open(redis.url()).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("connects");
    redis::cmd(command).arg(arguments).query_async::<redis::Value>(&mut connection).await.expect(command);
}

async fn epoch(stage: &Stage) -> i64 {
    stage.world.hot.head().await.expect("head").epoch
}

/// Every store asks for all it may get, twice; nothing is left at the end but what nobody needs.
async fn sell_the_rest(stage: &Stage, id: RoundId) {
    for store in 0..stage.world.stores.len() {
        for _ in 0..2 {
            let answer = stage.claim(id, ClaimId::new(), store, 2 * NEED).await;
            assert!(matches!(answer, Answer::Decided(_)), "{answer:?}");
        }
    }
}

async fn end(stage: &mut Stage, id: RoundId) {
    stage.world.rounds.ask(id, Intent::Stop, "", stage.world.boss).await.expect("stops");
    stage.until(id, RoundState::Closed).await;
    stage.world.books_agree().await;
}

const GRANTED: &str = "select granted from offer_lines where round_id = $1";

#[tokio::test]
async fn a_killed_redis_is_fenced_rebuilt_and_grants_again() {
    let mut redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 5, 1).await);
    // Less than five stores need, so that a lost unit would be sold twice.
    let id = stage.open_round(240).await;
    let first = epoch(&stage).await;
    let claims: Vec<ClaimId> = (0..3).map(|_| ClaimId::new()).collect();
    let mut verdicts = Vec::new();
    for (store, claim) in claims.iter().enumerate() {
        let Answer::Decided(verdict) = stage.claim(id, *claim, store, 48).await else { panic!("decided") };
        verdicts.push(verdict);
        // The first is in the books when Redis dies; the others only in the log.
        if store == 0 {
            stage.write().await;
        }
    }
    redis.kill_9().await.expect("killed");
    assert_eq!(stage.coordinate().await, None, "nobody answers");
    tokio::time::sleep(Duration::from_millis(500)).await;
    redis.restart().await.expect("restarts");
    assert_eq!(stage.claim(id, ClaimId::new(), 3, 48).await, Answer::Again, "a process that nobody blessed decides nothing");

    stage.until_healthy().await;
    assert!(epoch(&stage).await > first);
    for (store, (claim, verdict)) in claims.iter().zip(&verdicts).enumerate() {
        assert_eq!(stage.claim(id, *claim, store, 48).await, Answer::Known(verdict.clone()));
    }
    sell_the_rest(&stage, id).await;
    stage.until_healthy().await;
    let round = rounds::round(&mut stage.world.connection().await, id).await.expect("reads").expect("exists");
    assert!(round.shift_ms >= 500, "the fenced time is given back: {}", round.shift_ms);
    end(&mut stage, id).await;
    assert_eq!(stage.world.figure(GRANTED, id.0).await, 240, "all of it was sold, and nothing twice");
    let pool = "select count(*) from pools where fenced_at is null and run_id is not null and $1::uuid is not null";
    assert_eq!(stage.world.figure(pool, id.0).await, 1);
}

#[tokio::test]
async fn an_emptied_redis_is_rebuilt_from_the_books() {
    let redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 5, 1).await);
    let id = stage.open_round(240).await;
    let claim = ClaimId::new();
    let Answer::Decided(verdict) = stage.claim(id, claim, 0, 48).await else { panic!("decided") };
    let loser = ClaimId::new();
    let Answer::Decided(refused) = stage.claim(id, loser, 1, 7).await else { panic!("decided") };
    stage.until_healthy().await;
    harm(&redis, "FLUSHALL", &[]).await;
    assert_eq!(stage.claim(id, ClaimId::new(), 3, 48).await, Answer::Again);
    stage.until_healthy().await;
    assert_eq!(stage.claim(id, claim, 0, 48).await, Answer::Known(verdict));
    assert_eq!(stage.claim(id, loser, 1, 7).await, Answer::Known(refused), "a loser too keeps the first answer");
    sell_the_rest(&stage, id).await;
    end(&mut stage, id).await;
    assert_eq!(stage.world.figure(GRANTED, id.0).await, 240);
}

#[tokio::test]
async fn a_recovery_that_dies_anywhere_is_taken_up_by_the_next_coordinator() {
    let redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 5, 1).await);
    let id = stage.open_round(240).await;
    let claim = ClaimId::new();
    let Answer::Decided(verdict) = stage.claim(id, claim, 0, 48).await else { panic!("decided") };
    stage.until_healthy().await;
    harm(&redis, "FLUSHALL", &[]).await;
    let before = epoch(&stage).await;
    for life in 0..40 {
        let db = Db::connect(&stage.world.db_url, 1).await.expect("connects");
        let mut mortal = coordinator(&stage.world, db.clone(), CONFIG);
        let lived = tokio::time::timeout(Duration::from_micros(500 + 400 * life), mortal.step()).await;
        drop(lived);
        db.0.close().await;
        sqlx::query("delete from leases where name = 'rounds:main'").execute(&stage.world.db.0).await.expect("expires");
        match stage.claim(id, claim, 0, 48).await {
            Answer::Again => {}
            Answer::Known(known) => assert_eq!(known, verdict),
            other => panic!("a half-built pool decided {other:?}"),
        }
    }
    let mut next = Stage::of(stage.world);
    next.until_healthy().await;
    assert!(epoch(&next).await > before);
    assert_eq!(next.claim(id, claim, 0, 48).await, Answer::Known(verdict));
    sell_the_rest(&next, id).await;
    end(&mut next, id).await;
    assert_eq!(next.world.figure(GRANTED, id.0).await, 240);
}

#[tokio::test]
async fn a_pause_that_redis_lost_is_obeyed_again() {
    let redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 2, 1).await);
    let id = stage.open_round(240).await;
    stage.until_healthy().await;
    stage.world.rounds.ask(id, Intent::Pause, "fire", stage.world.boss).await.expect("pauses");
    // Before the writer has read of it.
    harm(&redis, "FLUSHALL", &[]).await;
    stage.until(id, RoundState::Paused).await;
    stage.world.rounds.ask(id, Intent::Resume { pause_no: 0 }, "", stage.world.boss).await.expect("resumes");
    stage.until(id, RoundState::Open).await;
}

#[tokio::test]
async fn a_paused_round_is_rebuilt_paused_with_its_latch() {
    let redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 2, 1).await);
    let id = stage.open_round(240).await;
    stage.world.rounds.ask(id, Intent::Pause, "fire", stage.world.boss).await.expect("pauses");
    stage.until(id, RoundState::Paused).await;
    let before = stage.world.hot.round(epoch(&stage).await, id).await.expect("reads").expect("loaded");
    harm(&redis, "FLUSHALL", &[]).await;
    stage.until_healthy().await;
    let after = stage.world.hot.round(epoch(&stage).await, id).await.expect("reads").expect("loaded");
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_live_round_that_is_missing_is_brought_back() {
    let redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 5, 1).await);
    let id = stage.open_round(240).await;
    let claim = ClaimId::new();
    let Answer::Decided(verdict) = stage.claim(id, claim, 0, 48).await else { panic!("decided") };
    stage.until_healthy().await;
    harm(&redis, "DEL", &[stage.world.hot.keys().round(id)]).await;
    stage.coordinate().await;
    assert!(!stage.is_in_redis(id).await);
    stage.until_healthy().await;
    assert_eq!(stage.claim(id, claim, 0, 48).await, Answer::Known(verdict));
    sell_the_rest(&stage, id).await;
    end(&mut stage, id).await;
    assert_eq!(stage.world.figure(GRANTED, id.0).await, 240);
}

#[tokio::test]
async fn a_gap_in_the_log_ends_in_a_recovery_and_not_in_a_standstill() {
    let redis = own_redis().await;
    let mut stage = Stage::of(World::on(&redis.url(), 5, 1).await);
    let id = stage.open_round(240).await;
    stage.until_healthy().await;
    let log = stage.world.hot.keys().log(epoch(&stage).await);
    assert_eq!(stage.wins(id, ClaimId::new(), 0, 48).await, 48);
    harm(&redis, "XTRIM", &[log, "MAXLEN".to_owned(), "0".to_owned()]).await;
    assert_eq!(stage.wins(id, ClaimId::new(), 1, 48).await, 48);
    let before = epoch(&stage).await;
    stage.coordinate().await;
    stage.until_healthy().await;
    assert!(epoch(&stage).await > before);
    sell_the_rest(&stage, id).await;
    end(&mut stage, id).await;
    assert_eq!(stage.world.figure(GRANTED, id.0).await, 240);
}
