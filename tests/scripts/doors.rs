//! Tickets, presence, hints and grabbing devices.

use super::bed::{Bed, private_redis};
use graborder::domain::ids::{SignInId, UserId};
use std::time::Duration;

#[tokio::test]
async fn a_ticket_opens_once() {
    let mut bed = Bed::bare().await;
    bed.hot.ticket_put("abc", &("store", 7)).await.unwrap();
    let life: i64 = bed.raw.run(&["TTL", &format!("{}:ticket:abc", bed.raw.prefix)]).await;
    assert!((28..=30).contains(&life), "{life}");
    assert_eq!(bed.hot.ticket_take::<(String, i64)>("abc").await.unwrap(), Some(("store".to_owned(), 7)));
    assert_eq!(bed.hot.ticket_take::<(String, i64)>("abc").await.unwrap(), None);
    assert_eq!(bed.hot.ticket_take::<(String, i64)>("never").await.unwrap(), None);
    bed.hot.ticket_put("odd", &"text").await.unwrap();
    assert!(bed.hot.ticket_take::<(String, i64)>("odd").await.is_err(), "a ticket of another kind");
}

#[tokio::test]
async fn nodes_see_each_other() {
    let bed = Bed::bare().await;
    bed.pool.presence_write("a", 1_000, 3, 2).await.unwrap();
    bed.pool.presence_write("b", 2_000, 5, 5).await.unwrap();
    bed.pool.presence_write("a", 3_000, 4, 2).await.unwrap();
    let mut nodes = bed.pool.presence_read().await.unwrap();
    nodes.sort_by(|a, b| a.node.cmp(&b.node));
    let seen: Vec<_> = nodes.iter().map(|node| (node.node.as_str(), node.at_ms, node.sessions, node.stores)).collect();
    assert_eq!(seen, [("a", 3_000, 4, 2), ("b", 2_000, 5, 5)]);
    bed.pool.presence_drop("a").await.unwrap();
    assert_eq!(bed.pool.presence_read().await.unwrap().len(), 1);
}

#[tokio::test]
async fn hints_are_heard_and_come_back_after_a_restart() {
    let mut redis = private_redis(&[], false).await;
    let bed = Bed::bare_on(&redis.url()).await;
    let mut hints = bed.pool.hints();
    let soon = Duration::from_secs(10);
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), None, "subscribed: look once");
    bed.pool.hint(41).await.unwrap();
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), Some(41));
    redis.kill_9().await.unwrap();
    redis.restart().await.unwrap();
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), None, "subscribed again: look once");
    // The everyday connection has noticed too, at the latest by its first failure.
    let first = bed.pool.hint(42).await;
    if first.is_err() {
        bed.pool.hint(42).await.unwrap();
    }
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), Some(42));
    redis.stop().await.unwrap();
}

#[tokio::test]
async fn the_newest_device_is_the_one_and_whoever_listens_hears_of_it() {
    let mut bed = Bed::bare().await;
    let (user, other) = (UserId::new(), UserId::new());
    let [one, two] = [SignInId::new(), SignInId::new()];
    let mut changes = bed.pool.grabbing_changes();
    let soon = Duration::from_secs(10);
    assert_eq!(tokio::time::timeout(soon, changes.next()).await.unwrap(), None, "subscribed: look once");

    let first = bed.pool.grab_with(user, one).await.unwrap();
    assert_eq!(bed.pool.grab_with(user, one).await.unwrap(), first, "the same device keeps its place");
    let second = bed.pool.grab_with(user, two).await.unwrap();
    assert!(second > first);
    let held = bed.pool.grabbing(&[other, user]).await.unwrap();
    assert_eq!(held[0], None);
    let held = held[1].unwrap();
    assert_eq!((held.device, held.since_us), (two, second));
    for _ in 0..2 {
        assert_eq!(tokio::time::timeout(soon, changes.next()).await.unwrap(), Some(user));
    }

    // A clock that went back does not make the next one older than the last.
    let key = bed.pool.keys().grabbing();
    let ahead = second + 3_600_000_000;
    let _: i64 = bed.raw.run(&["HSET", &key, &user.to_string(), &format!("{ahead}|{two}")]).await;
    assert_eq!(bed.pool.grab_with(user, one).await.unwrap(), ahead + 1);

    let _: i64 = bed.raw.run(&["HSET", &key, &user.to_string(), "nothing"]).await;
    assert!(bed.pool.grab_with(user, one).await.is_err());
    assert!(bed.pool.grabbing(&[user]).await.is_err());
    assert!(bed.pool.grabbing(&[]).await.unwrap().is_empty());
}
