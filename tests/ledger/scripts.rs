//! What the real scripts write is what the writer reads.

use super::{
    log::drain,
    world::{Offer, World, price},
};
use crate::servers;
use graborder::{
    domain::{
        claim::{Claim, ClaimLine, ClaimMode},
        clock,
        ids::ClaimId,
        round::RoundState,
    },
    hot::{
        ClaimReply, Hot, HotConfig, HotPool, RoundReply, Snapshot, SnapshotRound, WarmLine, WarmRound, WarmStore,
        WarmStoreLine,
    },
    storage::{chain, status, verdicts},
    writer::Writer,
};

/// The world's round, armed an hour ago, in a Redis built for epoch 1.
async fn loaded(world: &World) -> HotPool {
    let config = HotConfig { url: servers::redis_url().await, prefix: world.name.clone() };
    let hot = Hot::connect(config).await.unwrap().pool(&world.pool);
    let run_id = hot.server_run_id().await.unwrap();
    let lines = world.lines.iter().enumerate().map(|(index, line_id)| WarmLine {
        line_id: *line_id,
        pack: 6,
        min: 6,
        cap_line: None,
        price_cents: price(index),
        left: 24,
        sold_ms: 0,
    });
    let stores = world.stores.iter().map(|store_id| WarmStore {
        store_id: *store_id,
        offset_ms: 0,
        cap_round: None,
        cap_day: None,
        cap_period: None,
        dock_units: 10_000,
        credit_limit_cents: 10_000_000,
        taken: 0,
        lines: world.lines.iter().map(|line_id| warm_line(*line_id)).collect(),
        day_units: 0,
        period_units: 0,
        dock_used: 0,
        credit_used_cents: 0,
        suspended_until_ms: 0,
    });
    let round = WarmRound {
        round_id: world.round,
        opens_ms: clock::now_ms() - 3_600_000,
        closes_ms: clock::now_ms() + 3_600_000,
        shift_ms: 0,
        state: RoundState::Open,
        intent_no: 1,
        day: "2026-11-23".into(),
        period: "2026-11-19".into(),
        dock_day: "2026-11-24".into(),
        lines: lines.collect(),
        invited: stores.collect(),
    };
    let round = SnapshotRound { round, last_ms: 0, paused: None, claims: Vec::new() };
    let snapshot = Snapshot { epoch: 1, run_id: run_id.clone(), applied_no: 0, users: vec![], rounds: vec![round] };
    hot.begin_rebuild(1, &run_id).await.unwrap();
    hot.rebuild(&snapshot).await.unwrap();
    hot.bless(1, &run_id, 0, 0, &[world.round]).await.unwrap();
    hot
}

fn warm_line(line_id: graborder::domain::ids::LineId) -> WarmStoreLine {
    WarmStoreLine { line_id, listed: true, net: 0, gate: None, need_cap: 1_000, taken: 0 }
}

fn claim(world: &World, store: usize, mode: ClaimMode, lines: &[(usize, i64)]) -> Claim {
    let lines = lines.iter().map(|&(line, qty)| ClaimLine { line_id: world.lines[line], qty }).collect();
    Claim::new(ClaimId::new(), world.round, world.stores[store], world.user, 1, mode, lines).unwrap()
}

#[tokio::test]
async fn decisions_and_a_whole_life_come_from_the_scripts_into_the_books() {
    use ClaimMode::{AllOrNone, Partial};
    let world = World::new(&[Offer(24, 0, 0), Offer(24, 0, 1)], 3).await;
    let hot = loaded(&world).await;
    let claims = [
        claim(&world, 0, AllOrNone, &[(0, 12), (1, 6)]),
        claim(&world, 1, Partial, &[(0, 18)]),
        claim(&world, 2, AllOrNone, &[(0, 6)]),
        claim(&world, 2, Partial, &[(1, 7)]),
    ];
    let mut claimer = hot.claimer().await.unwrap();
    let deadline_ms = clock::now_ms() + 60_000;
    let reply = claimer.claim(1, deadline_ms, 1_000, world.round, &claims.each_ref()).await.unwrap();
    assert!(matches!(reply, ClaimReply::Ok { .. }), "{reply:?}");
    assert!(matches!(hot.pause(1, world.round, 2).await.unwrap(), RoundReply::Applied { n: 3, .. }));
    assert!(matches!(hot.resume(1, world.round, 3, 2).await.unwrap(), RoundReply::Applied { n: 4, .. }));
    assert!(matches!(hot.stop(1, world.round, 4).await.unwrap(), RoundReply::Applied { n: 5, .. }));

    let mut writer = Writer::new(world.db.clone(), hot.clone(), world.pool.clone());
    assert_eq!(drain(&mut writer).await, 4);
    assert_eq!(world.one::<i64>("select count(*) from dead_entries").await, 0);
    world.assert_books_agree().await;
    let mut conn = world.db.0.acquire().await.unwrap();
    let board = status::board(&mut conn, world.round).await.unwrap();
    assert_eq!((board.claims, board.won, board.granted_units), (4, 2, 30));
    assert_eq!(board.refused.iter().map(|(code, n)| (code.as_str(), *n)).collect::<Vec<_>>(), [("E08", 1), ("E14", 1)]);
    assert_eq!(board.lines.iter().map(|line| line.left).collect::<Vec<_>>(), [0, 18]);
    let status = status::round_status(&mut conn, world.round).await.unwrap();
    assert_eq!((status.state, status.chain_n), (RoundState::Settling, 4));
    assert!(chain::verify(&mut conn, world.round).await.unwrap().is_sound());
    let head = hot.head().await.unwrap();
    assert_eq!((head.appended, head.written), (4, 4));
    // The verdict in the books is the one in Redis, to the byte.
    for claim in &claims {
        let packed = verdicts::packed(&mut conn, world.round, claim.claim_id).await.unwrap();
        assert!(packed.is_some());
        assert_eq!(packed, hot.verdict(world.round, claim.claim_id).await.unwrap());
    }
}
