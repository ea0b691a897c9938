//! A user who was changed: numbered in the books, told to the nodes, and applied in Redis.

use super::{
    log::Log,
    world::{Offer, World},
};
use graborder::{
    events::{Follower, Kind},
    storage::auth_versions::{self, Changed},
};
use redis::AsyncCommands;
use std::sync::Arc;
use tokio::task::JoinSet;

async fn change(world: &World) -> Changed {
    let mut tx = world.db.0.begin().await.unwrap();
    let changed = auth_versions::bump(&mut tx, world.user).await.unwrap().expect("is known");
    tx.commit().await.unwrap();
    changed
}

#[tokio::test]
async fn a_change_of_a_user_is_told_to_the_nodes_and_reaches_redis_under_its_number() {
    let world = World::new(&[Offer(60, 0, 0)], 1).await;
    let mut log = Log::blessed(&world, 1).await;
    let mut started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    assert!(started.users.is_empty());
    let changed = change(&world).await;
    assert_eq!((changed.user_id, changed.auth_version), (world.user, 2));
    assert_eq!(changed.effects, [(world.pool.clone(), 1)]);

    let rows = started.follower.poll().await.unwrap();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    let Kind::User { user_id, auth_version } = row.kind else { panic!("{row:?}") };
    assert_eq!((row.number, user_id, auth_version), (1, world.user, 2));

    log.writer().step().await.unwrap();
    let version: i64 = log.redis.hget(log.hot.keys().users(), world.user.to_string()).await.unwrap();
    assert_eq!((version, log.hot.head().await.unwrap().applied_no), (2, 1));

    // A node that starts now knows it, however long ago it was.
    sqlx::raw_sql("update outbox set at = now() - interval '6 minutes'").execute(&world.db.0).await.unwrap();
    let started = Follower::start(world.db.clone(), world.pool.clone()).await.unwrap();
    assert_eq!(started.users, [(world.user, 2)]);
    assert!(started.recent.is_empty());
}

#[tokio::test]
async fn a_change_that_was_rolled_back_never_was_and_nobody_is_no_user() {
    let world = World::new(&[Offer(60, 0, 0)], 1).await;
    let mut tx = world.db.0.begin().await.unwrap();
    assert!(auth_versions::bump(&mut tx, world.user).await.unwrap().is_some());
    tx.rollback().await.unwrap();
    let mut tx = world.db.0.begin().await.unwrap();
    assert_eq!(auth_versions::bump(&mut tx, graborder::domain::ids::UserId::new()).await.unwrap(), None);
    tx.commit().await.unwrap();
    assert!(auth_versions::raised(&mut world.db.0.acquire().await.unwrap()).await.unwrap().is_empty());
    assert_eq!(world.one::<i64>("select count(*) from outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_of_a_user_rise_with_their_numbers_however_many_change_them_at_once() {
    let world = Arc::new(World::new(&[Offer(60, 0, 0)], 1).await);
    let mut changing = JoinSet::new();
    for _ in 0..20 {
        let world = Arc::clone(&world);
        changing.spawn(async move { change(&world).await });
    }
    let mut pairs: Vec<(i64, i64)> =
        changing.join_all().await.iter().map(|changed| (changed.effects[0].1, changed.auth_version)).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, (1..=20).map(|number| (number, number + 1)).collect::<Vec<_>>());
}
