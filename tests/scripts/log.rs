//! Reading the log.

use super::{
    bed::{Bed, EPOCH, private_redis},
    world::{self, claim},
};
use graborder::{
    domain::{claim::ClaimMode::Partial, claim::Verdict},
    stream::{EntryKind, LogReader},
};
use std::time::{Duration, Instant};

#[tokio::test]
async fn entries_come_in_order_from_any_position() {
    let world = world::round(1, 3, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let mut decided = Vec::new();
    for _ in 0..5 {
        let claims: Vec<_> = (0..3).map(|store| claim(&world.round, store, Partial, &[6])).collect();
        bed.claim(&claims.iter().collect::<Vec<_>>()).await;
        decided.push(claims.iter().map(|claim| claim.claim_id).collect::<Vec<_>>());
    }
    let mut reader = LogReader::new(&bed.pool, EPOCH);
    let mut pos = "0-0".to_owned();
    let mut read = Vec::new();
    loop {
        let entries = reader.read(&pos, 2, 0).await.unwrap();
        let Some(last) = entries.last() else { break };
        assert!(entries.len() <= 2);
        pos.clone_from(&last.id);
        read.extend(entries);
    }
    assert_eq!(read.iter().map(|entry| entry.n).collect::<Vec<_>>(), (1..=6).map(Some).collect::<Vec<_>>());
    for (entry, claims) in read[1..].iter().zip(decided) {
        let EntryKind::Claims { round_id, decisions, at_ms } = &entry.kind else { panic!("{entry:?}") };
        assert_eq!(*round_id, world.round.round_id);
        assert_eq!(decisions.iter().map(|decision| decision.0).collect::<Vec<_>>(), claims);
        for (id, packed, verdict) in decisions {
            assert_eq!(bed.pool.verdict(*round_id, *id).await.unwrap().as_ref(), Some(packed));
            assert_eq!(Verdict::parse(packed).as_ref(), Some(verdict));
            assert_eq!((verdict.decided_ms, Some(verdict.n)), (*at_ms, entry.n));
        }
    }
    assert_eq!(reader.end().await.unwrap(), read.last().cloned());
    assert_eq!(read.last().map(|entry| entry.id.clone()), Some(pos));
    assert_eq!(LogReader::new(&bed.pool, 99).end().await.unwrap(), None);
}

#[tokio::test]
async fn a_blocking_read_waits_wakes_and_gives_up() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let mut reader = LogReader::new(&bed.pool, EPOCH);
    let pos = reader.end().await.unwrap().unwrap().id;
    let began = Instant::now();
    assert_eq!(reader.read(&pos, 10, 150).await.unwrap(), []);
    assert!(began.elapsed() >= Duration::from_millis(150));
    let asked = claim(&world.round, 0, Partial, &[6]);
    let (entries, _) = tokio::join!(reader.read(&pos, 10, 5_000), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        bed.claim(&[&asked]).await
    });
    assert_eq!(entries.unwrap().len(), 1);
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_strange_entry_is_handed_on_whole() {
    let mut bed = Bed::with(Vec::new()).await;
    let log = bed.pool.keys().log(EPOCH);
    bed.raw.run::<String>(&["XADD", &log, "*", "n", "2", "kind", "nonsense", "at", "5"]).await;
    bed.raw.run::<String>(&["XADD", &log, "*", "n", "x", "kind", "bless", "at", "5", "lost", ""]).await;
    let entries = LogReader::new(&bed.pool, EPOCH).read("0-0", 10, 0).await.unwrap();
    assert!(matches!(&entries[1].kind, EntryKind::Broken { why } if why.contains("round")), "{entries:?}");
    assert_eq!((entries[1].n, entries[1].fields.len()), (Some(2), 3));
    assert!(matches!(&entries[2].kind, EntryKind::Broken { .. }) && entries[2].n.is_none());
}

#[tokio::test]
async fn an_abandoned_read_does_not_answer_the_next_one() {
    let mut redis = private_redis(&[], false).await;
    let mut bed = Bed::bare_on(&redis.url()).await;
    let world = world::round(1, 1, bed.now_ms().await);
    bed.build(EPOCH, vec![world.clone()]).await;
    let mut reader = LogReader::new(&bed.pool, EPOCH);
    let pos = reader.end().await.unwrap().unwrap().id;
    // The server stands still for longer than the read may take; then somebody gives the read up half-way.
    bed.raw.run::<String>(&["CLIENT", "PAUSE", "2600", "ALL"]).await;
    assert!(reader.read(&pos, 10, 100).await.is_err());
    tokio::time::sleep(Duration::from_millis(700)).await;
    let gone = tokio::time::timeout(Duration::from_millis(30), reader.read(&pos, 10, 1_000)).await;
    assert!(gone.is_err());
    bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await;
    let entries = reader.read(&pos, 10, 1_000).await.unwrap();
    assert_eq!((entries.len(), entries[0].n), (1, Some(2)));
    redis.stop().await.unwrap();
}
