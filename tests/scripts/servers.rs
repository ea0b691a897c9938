//! Servers that restart, are full, are replicas, or should not be used at all.

use super::{
    bed::{self, Bed, EPOCH},
    world::{self, claim, verdict},
};
use graborder::{
    domain::claim::{ClaimMode::Partial, VerdictStatus},
    hot::{ClaimReply, Hot, HotConfig, HotError, NotExecuted, RoundReply, WarmReply},
};

#[tokio::test]
async fn a_restarted_server_is_fenced_until_it_is_rebuilt() {
    let mut redis = bed::private_redis(&["--appendfsync", "always"], true).await;
    let mut bed = Bed::bare_on(&redis.url()).await;
    let world = world::round(1, 1, bed.now_ms().await);
    bed.build(EPOCH, vec![world.clone()]).await;
    let asked = claim(&world.round, 0, Partial, &[6]);
    let won = verdict(&bed.claim(&[&asked]).await[0]).clone();

    redis.kill_9().await.unwrap();
    let lost = bed.claimer.claim(EPOCH, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap_err();
    assert!(matches!(lost, HotError::Unknown(_)), "the link broke: {lost:?}");
    let unreached = bed.claimer.claim(EPOCH, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap_err();
    assert_eq!(unreached.kind(), "not_connected");
    redis.restart().await.unwrap();

    // Everything came back from the file, and yet nothing may be granted by it.
    let again = Bed { run_id: String::new(), ..bed };
    let mut bed = again;
    let reborn = bed.pool.server_run_id().await.unwrap_or_default();
    let reborn = if reborn.is_empty() { bed.pool.server_run_id().await.unwrap() } else { reborn };
    bed.raw = super::raw::Raw::connect(&redis.url(), bed.raw.prefix.clone()).await;
    let before = bed.raw.dump().await;
    assert_eq!(bed.call(&[&asked]).await, ClaimReply::Fenced);
    assert_eq!(bed.call(&[&claim(&world.round, 0, Partial, &[6])]).await, ClaimReply::Fenced);
    assert_eq!(bed.pool.stop(EPOCH, world.round.round_id, 9).await.unwrap(), RoundReply::Fenced);
    assert_eq!(bed.pool.warm(EPOCH, 0, &world.round).await.unwrap(), WarmReply::Fenced);
    assert_eq!(bed.raw.dump().await, before);
    let head = bed.pool.head().await.unwrap();
    assert_ne!(head.run_id.as_deref(), Some(reborn.as_str()));
    assert_eq!(head.appended, 1, "the win survived in the file");
    assert_eq!(won.status, VerdictStatus::Won);

    bed.run_id = reborn;
    bed.build(EPOCH + 1, vec![world.clone()]).await;
    let reply = bed.claimer.claim(EPOCH + 1, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap();
    assert!(matches!(reply, ClaimReply::Ok { .. }), "{reply:?}");
    redis.stop().await.unwrap();
}

#[tokio::test]
async fn a_full_server_decides_nothing_and_leaves_nothing_half_done() {
    let mut redis = bed::private_redis(&[], false).await;
    let mut bed = Bed::bare_on(&redis.url()).await;
    let world = world::round(1, 1, bed.now_ms().await);
    bed.build(EPOCH, vec![world.clone()]).await;
    let before = bed.raw.dump().await;
    bed.raw.run::<String>(&["CONFIG", "SET", "maxmemory", "100kb"]).await;
    let asked = claim(&world.round, 0, Partial, &[6]);
    for _ in 0..2 {
        let full = bed.claimer.claim(EPOCH, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap_err();
        assert!(matches!(full, HotError::NotExecuted(NotExecuted::OutOfMemory)), "{full:?}");
    }
    let full = bed.pool.pause(EPOCH, world.round.round_id, 2).await.unwrap_err();
    assert!(matches!(full, HotError::NotExecuted(NotExecuted::OutOfMemory)), "{full:?}");
    assert_eq!(bed.raw.dump().await, before);
    bed.raw.run::<String>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    assert_eq!(verdict(&bed.claim(&[&asked]).await[0]).status, VerdictStatus::Won);
    redis.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_lost_its_scripts_gets_them_again() {
    let mut redis = bed::private_redis(&[], false).await;
    let mut bed = Bed::bare_on(&redis.url()).await;
    let world = world::round(1, 1, bed.now_ms().await);
    bed.build(EPOCH, vec![world.clone()]).await;
    for _ in 0..3 {
        bed.raw.run::<String>(&["SCRIPT", "FLUSH"]).await;
        assert_eq!(verdict(&bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await[0]).status, VerdictStatus::Won);
    }
    redis.stop().await.unwrap();
}

#[tokio::test]
async fn a_demoted_primary_executes_nothing_and_its_connection_is_given_up() {
    let mut primary = bed::private_redis(&[], false).await;
    let mut other = bed::private_redis(&[], false).await;
    let mut bed = Bed::bare_on(&primary.url()).await;
    let world = world::round(1, 1, bed.now_ms().await);
    bed.build(EPOCH, vec![world.clone()]).await;
    let clients = async |bed: &mut Bed| {
        let list: String = bed.raw.run(&["CLIENT", "LIST", "TYPE", "NORMAL"]).await;
        list.lines()
            .map(|line| line.split_whitespace().next().unwrap().to_owned())
            .collect::<std::collections::BTreeSet<_>>()
    };
    let asked = claim(&world.round, 0, Partial, &[6]);
    bed.raw.run::<String>(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    let alone = bed.claimer.claim(EPOCH, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap_err();
    assert!(matches!(alone, HotError::NotExecuted(NotExecuted::NoReplicas)), "{alone:?}");
    bed.raw.run::<String>(&["CONFIG", "SET", "min-replicas-to-write", "0"]).await;

    let before = clients(&mut bed).await;
    bed.raw.run::<String>(&["CONFIG", "SET", "replica-serve-stale-data", "yes"]).await;
    bed.raw.run::<String>(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]).await;
    let demoted = bed.claimer.claim(EPOCH, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap_err();
    assert!(
        matches!(
            demoted,
            HotError::NotExecuted(NotExecuted::ReadOnly | NotExecuted::Loading | NotExecuted::PrimaryDown)
        ),
        "{demoted:?}"
    );
    bed.raw.run::<String>(&["REPLICAOF", "NO", "ONE"]).await;
    // It may have copied the other's emptiness by now; in any case it is a new connection that asks.
    bed.claimer.claim(EPOCH, bed::LATER_MS, 9, world.round.round_id, &[&asked]).await.unwrap();
    assert!(clients(&mut bed).await.difference(&before).count() > 0);
    primary.stop().await.unwrap();
    other.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_would_lose_claims_is_refused_at_the_start() {
    let mut redis = bed::private_redis(&[], false).await;
    let config = HotConfig { url: redis.url(), prefix: "x".to_owned() };
    let mut bed = Bed::bare_on(&redis.url()).await;
    bed.raw.run::<String>(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    let refused = Hot::connect(config.clone()).await.err().unwrap();
    assert!(matches!(&refused, HotError::Refused(why) if why.contains("noeviction")), "{refused}");
    bed.raw.run::<String>(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]).await;

    let port = redis.port().to_string();
    let mut replica = bed::private_redis(&["--replicaof", &format!("127.0.0.1 {port}")], false).await;
    for _ in 0..100 {
        let text: String = bed.raw.run(&["INFO", "replication"]).await;
        if text.contains("connected_slaves:1") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let refused = Hot::connect(config.clone()).await.err().unwrap();
    assert!(matches!(&refused, HotError::Refused(why) if why.contains("min-replicas-to-write")), "{refused}");
    bed.raw.run::<String>(&["CONFIG", "SET", "min-replicas-to-write", "1", "min-replicas-max-lag", "2"]).await;
    assert!(Hot::connect(config).await.is_ok());
    let refused = Hot::connect(HotConfig { url: replica.url(), prefix: "x".to_owned() }).await.err().unwrap();
    assert!(matches!(&refused, HotError::Refused(why) if why.contains("primary")), "{refused}");
    replica.stop().await.unwrap();
    redis.stop().await.unwrap();

    let nobody = Hot::connect(HotConfig { url: format!("redis://127.0.0.1:{port}"), prefix: "x".to_owned() }).await;
    assert_eq!(nobody.err().unwrap().kind(), "not_connected");
}
