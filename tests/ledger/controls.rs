//! A round's life as the log orders it.

use super::world::{AT_MS, Offer, World};
use graborder::{
    domain::{claim::ClaimMode::Partial, event::RoundStatus, round::RoundState},
    storage::{
        ledger::{Change, What},
        status,
    },
};
use sqlx::types::Json;

async fn scheduled() -> World {
    let world = World::new(&[Offer(60, 0, 0)], 2).await;
    sqlx::raw_sql(
        "update rounds set state = 'WARMING', applied_no = 0, intent_no = 6;
         insert into round_intents (round_id, intent_no, intent) select id, no, '{}' from rounds, generate_series(1, 6) no",
    )
    .execute(&world.db.0)
    .await
    .unwrap();
    world
}

async fn status_of(world: &World) -> RoundStatus {
    status::round_status(&mut world.db.0.acquire().await.unwrap(), world.round).await.unwrap()
}

#[tokio::test]
async fn the_books_follow_a_round_from_opening_to_close() {
    let world = scheduled().await;
    let hour = 3_600_000;
    world.write(vec![world.control(1, AT_MS - 5, Change::Open)]).await;
    assert_eq!(status_of(&world).await.state, RoundState::Open);
    world.write(vec![world.control(2, AT_MS + 100, Change::Pause)]).await;
    let paused = status_of(&world).await;
    assert_eq!((paused.state, paused.paused_at_ms), (RoundState::Paused, Some(AT_MS + 100)));
    // Everything in one batch, claims between.
    world
        .write(vec![
            world.control(3, AT_MS + 400, Change::Resume { shift_ms: 300 }),
            world.claims(vec![world.decided(0, Partial, 450, &[(0, 6, 6)])]),
            world.control(4, AT_MS + 500, Change::Extend { closes_ms: AT_MS + 2 * hour }),
            world.claims(vec![world.decided(1, Partial, 550, &[(0, 6, 6)])]),
        ])
        .await;
    let resumed = status_of(&world).await;
    assert_eq!((resumed.state, resumed.paused_at_ms, resumed.chain_n), (RoundState::Open, None, 2));
    assert_eq!((resumed.opens_at_ms, resumed.closes_at_ms), (AT_MS + 300, AT_MS + 2 * hour + 300));
    world.write(vec![world.control(5, AT_MS + 9_000, Change::Close)]).await;
    assert_eq!(status_of(&world).await.state, RoundState::Settling);
    let times: (i64, i64) = sqlx::query_as(
        "select (extract(epoch from opened_at) * 1000)::bigint, (extract(epoch from closed_at) * 1000)::bigint from rounds",
    )
    .fetch_one(&world.db.0)
    .await
    .unwrap();
    assert_eq!(times, (AT_MS - 5, AT_MS + 9_000));
    assert_eq!(
        world
            .one::<i64>("select count(*) from round_intents where outcome = 'applied' and applied_at is not null")
            .await,
        5
    );
    // Extending a closed round is too late, and is told so.
    world.write(vec![world.control(6, AT_MS + 9_100, Change::Extend { closes_ms: AT_MS + 5 * hour })]).await;
    assert_eq!(status_of(&world).await.closes_at_ms, AT_MS + 2 * hour + 300);
    assert_eq!(world.one::<String>("select outcome from round_intents where intent_no = 6").await, "state");
    assert_eq!(world.one::<i64>("select applied_no from rounds").await, 6);
    world.assert_books_agree().await;
}

#[tokio::test]
async fn a_wish_that_was_seen_before_is_no_news() {
    let world = scheduled().await;
    world.write(vec![world.control(1, AT_MS, Change::Open), world.control(3, AT_MS + 1, Change::Pause)]).await;
    let told = world.one::<i64>("select last_number from pool_out").await;
    let again = vec![world.control(1, AT_MS + 2, Change::Open), world.control(2, AT_MS + 3, Change::Close)];
    assert_eq!(world.write(again).await.last_number, None);
    assert_eq!(status_of(&world).await.state, RoundState::Paused);
    assert_eq!(world.one::<i64>("select last_number from pool_out").await, told);
    assert_eq!(world.one::<Option<String>>("select outcome from round_intents where intent_no = 2").await, None);
}

#[tokio::test]
async fn a_blessing_shifts_its_rounds_and_lifts_the_fence() {
    let world = World::new(&[Offer(60, 0, 0)], 1).await;
    let other = world.add_round(&mut world.db.0.acquire().await.unwrap(), "OPEN").await;
    sqlx::raw_sql("update pools set fenced_at = now()").execute(&world.db.0).await.unwrap();
    world.write(vec![What::Bless { lost_ms: vec![(world.round, 700)] }]).await;
    assert_eq!(status_of(&world).await.opens_at_ms, AT_MS + 700);
    let untouched = status::round_status(&mut world.db.0.acquire().await.unwrap(), other).await.unwrap();
    assert_eq!(untouched.opens_at_ms, AT_MS);
    assert!(!world.one::<bool>("select fenced_at is not null from pools").await);
    let told: Vec<Json<serde_json::Value>> =
        sqlx::query_scalar("select event from outbox order by number").fetch_all(&world.db.0).await.unwrap();
    assert_eq!(told.iter().map(|e| e.0["t"].as_str().unwrap()).collect::<Vec<_>>(), ["round", "board"]);
}

#[tokio::test]
async fn what_happened_to_an_unknown_round_is_set_aside() {
    let world = World::new(&[Offer(60, 0, 0)], 1).await;
    let unknown = graborder::domain::ids::RoundId::new();
    let written = world
        .write(vec![
            What::Control { round_id: unknown, intent_no: 9, at_ms: AT_MS, change: Change::Close },
            What::Bless { lost_ms: vec![(world.round, 5), (unknown, 5)] },
        ])
        .await;
    assert_eq!((written.dead.len(), written.last_number), (2, None));
    assert_eq!(status_of(&world).await.opens_at_ms, AT_MS);
}
