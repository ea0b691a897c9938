//! Tickets, presence and hints.

use super::bed::{Bed, private_redis};
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
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), 0, "subscribed: look once");
    bed.pool.hint(41).await.unwrap();
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), 41);
    redis.kill_9().await.unwrap();
    redis.restart().await.unwrap();
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), 0, "subscribed again: look once");
    // The everyday connection has noticed too, at the latest by its first failure.
    let first = bed.pool.hint(42).await;
    if first.is_err() {
        bed.pool.hint(42).await.unwrap();
    }
    assert_eq!(tokio::time::timeout(soon, hints.next()).await.unwrap(), 42);
    redis.stop().await.unwrap();
}
