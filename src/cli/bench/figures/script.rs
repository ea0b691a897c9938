//! The claim script called raw: four connections, 64 winners a call, the next call as soon as the last has answered.

use super::{
    super::machine::{Busy, Watched},
    load::count,
    scene::Scene,
};
use crate::{
    cli::Failure,
    domain::{
        claim::{Claim, VerdictStatus},
        clock,
        ids::ClaimId,
    },
    hot::{ClaimAnswer, ClaimReply, Claimer},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use uuid::Uuid;

const CALLERS: usize = 4;
const CLAIMS_A_CALL: usize = 64;

/// What the callers share.
#[derive(Default)]
struct Progress {
    wins: AtomicUsize,
}

/// Wins a second over `measured`, and who was busy meanwhile.
pub(super) async fn run(scene: &Arc<Scene>, warm_up: Duration, measured: Duration) -> Result<(f64, Busy), Failure> {
    let progress = Arc::new(Progress::default());
    let mut callers = start(scene, &progress, Instant::now() + warm_up + measured + Duration::from_millis(50)).await?;
    tokio::time::sleep(warm_up).await;
    let watched = Watched { redis: scene.redis, ..Watched::default() };
    let (before, from, wins) = (watched.look(), Instant::now(), progress.wins.load(Ordering::Relaxed));
    tokio::time::sleep(measured).await;
    let wins = progress.wins.load(Ordering::Relaxed) - wins;
    let (busy, took) = (watched.look().since(&before), from.elapsed());
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    Ok((count(wins) / took.as_secs_f64(), busy))
}

/// At least so many wins in the log, and nothing else.
pub(super) async fn win(scene: &Arc<Scene>, wins: usize) -> Result<(), Failure> {
    let progress = Arc::new(Progress::default());
    let mut callers = start(scene, &progress, Instant::now() + Duration::from_secs(60)).await?;
    while progress.wins.load(Ordering::Relaxed) < wins {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
            Some(ended) = callers.join_next() => { ended??; }
        }
    }
    // A call that is cut off in the middle may still run, and more wins do no harm.
    callers.shutdown().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(())
}

async fn start(
    scene: &Arc<Scene>,
    progress: &Arc<Progress>,
    until: Instant,
) -> Result<JoinSet<Result<(), String>>, Failure> {
    let mut callers = JoinSet::new();
    for i in 0..CALLERS {
        let claimer = scene.hot.claimer().await?;
        let (scene, progress) = (Arc::clone(scene), Arc::clone(progress));
        callers
            .spawn(async move { call(&scene, &progress, claimer, i, until).await.map_err(|error| error.to_string()) });
    }
    Ok(callers)
}

async fn call(
    scene: &Scene,
    progress: &Progress,
    mut claimer: Claimer,
    caller: usize,
    until: Instant,
) -> Result<(), Failure> {
    let mut id = u128::from(rand::random::<u64>()) << 64;
    let mut store = caller * scene.stores.len() / CALLERS;
    while Instant::now() < until {
        let mut claims = Vec::with_capacity(CLAIMS_A_CALL);
        for _ in 0..CLAIMS_A_CALL {
            id += 1;
            store += 1;
            claims.push(scene.claim(scene.plenty, ClaimId(Uuid::from_u128(id)), store)?);
        }
        let claims: Vec<&Claim> = claims.iter().collect();
        let (epoch, deadline_ms) = (scene.epoch, clock::now_ms() + 10_000);
        let reply = claimer.claim(epoch, deadline_ms, i64::MAX >> 11, scene.plenty.round_id, &claims).await?;
        let won = |answer: &ClaimAnswer| matches!(answer, ClaimAnswer::Decided(v) if v.status == VerdictStatus::Won);
        match &reply {
            ClaimReply::Ok { replies, .. } if replies.iter().all(won) => {}
            other => return Err(format!("not won: {other:?}").into()),
        }
        progress.wins.fetch_add(CLAIMS_A_CALL, Ordering::Relaxed);
    }
    Ok(())
}
