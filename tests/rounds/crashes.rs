//! A coordinator that dies anywhere leaves a world in which the next one goes on.

use super::{
    stage::{CONFIG, Stage, coordinator},
    world::World,
};
use graborder::{
    domain::{
        ids::ClaimId,
        round::{Intent, RoundState},
    },
    storage::{Db, rounds::intents},
};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

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
    let id = stage.world.published(2_000, 600).await;
    let mut lives = 0_u64;
    for goal in [RoundState::Open, RoundState::Closed] {
        let begun = Instant::now();
        while stage.world.state(id).await != goal {
            assert!(begun.elapsed() < PATIENCE, "{:?} after {lives} lives", stage.world.state(id).await);
            live_and_die(&mut stage, 500 + lives * 1_300 % 130_000).await;
            stage.write().await;
            lives += 1;
        }
        if goal == RoundState::Open {
            tokio::time::sleep(Duration::from_millis(2_000)).await;
            assert_eq!(stage.wins(id, ClaimId::new(), 0, 48).await, 48);
            // Whoever was asked to stop it died after writing that down.
            let mut tx = stage.world.connection().await;
            intents::add(&mut tx, id, Intent::Stop, "enough", Some(stage.world.boss)).await.expect("adds");
        }
    }
    assert!(lives > 5, "{lives} lives were not many");
    let told =
        "select count(*) from outbox where round_id = $1 and event ->> 't' = 'round' and event ->> 'state' = 'CLOSED'";
    assert_eq!(stage.world.figure(told, id.0).await, 1);
    stage.world.books_agree().await;
}
