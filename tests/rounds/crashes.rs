//! A coordinator that dies anywhere leaves a world in which the next one goes on.

use super::{
    stage::{CONFIG, Stage, coordinator},
    world::World,
};
use graborder::{
    domain::{ids::ClaimId, round::RoundState},
    storage::Db,
};
use std::time::{Duration, Instant};

/// Each coordinator lives for so long before it is cut off in the middle of whatever it does, a little longer each time,
/// so that every place is the last one for somebody.
async fn live_and_die(stage: &mut Stage, micros: u64) {
    let db = Db::connect(&stage.world.db_url, 1).await.expect("connects");
    let mut mortal = coordinator(&stage.world, db.clone(), CONFIG);
    let life = Duration::from_micros(micros);
    // The error of a life cut short, and the state it leaves, are for the next one to bear.
    let lived = tokio::time::timeout(life, async { while mortal.step().await.is_ok() {} }).await;
    assert!(lived.is_err() || micros > 0);
    db.0.close().await;
    sqlx::query("delete from leases where name = 'rounds:main'").execute(&stage.world.db.0).await.expect("expires");
}

#[tokio::test]
async fn a_round_gets_from_published_to_closed_although_every_coordinator_dies() {
    let mut stage = Stage::of(World::new(3, 2).await);
    let mut plan = stage.world.plan(2_000, 600);
    plan.closes_at = plan.opens_at + chrono::Duration::milliseconds(2_500);
    let id = stage.world.rounds.draft(plan, stage.world.boss).await.expect("drafts");
    stage.world.rounds.publish(id, stage.world.boss).await.expect("publishes");

    let begun = Instant::now();
    let (mut lives, mut claimed) = (0_u64, false);
    while stage.world.state(id).await != RoundState::Closed {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?} after {lives} lives", stage.world.state(id).await);
        live_and_die(&mut stage, 500 + lives * 700 % 40_000).await;
        stage.write().await;
        lives += 1;
        if !claimed && stage.world.state(id).await == RoundState::Open {
            claimed = matches!(stage.claim(id, ClaimId::new(), 0, 48).await, super::stage::Answer::Decided(_));
        }
    }
    assert!(claimed, "it was open for a while");
    assert!(lives > 5, "{lives} lives were not many");
    let told = "select count(*) from outbox where round_id = $1 and event ->> 't' = 'round' and event ->> 'state' = 'CLOSED'";
    assert_eq!(stage.world.figure(told, id.0).await, 1);
    stage.world.books_agree().await;
}
