//! How fast the books follow the log: the writer's steps over a log full of wins, by turns with the rows of such a batch
//! inserted bare, one transaction each.

use super::{
    super::machine::{Busy, Watched},
    load::count,
    scene::Scene,
    script,
};
use crate::{
    cli::Failure,
    domain::clock,
    storage::{
        ledger::measure::{self, Bare},
        log_position::Position,
        seed,
    },
    writer::{CLAIMS_MAX, Step, Writer},
};
use std::{sync::Arc, time::Instant};

/// One turn of either: wins a second.
pub(super) struct Turn {
    pub(super) writer_per_s: f64,
    pub(super) bare_per_s: f64,
}

/// `turns` full batches. Second, who was busy while the writer wrote.
pub(super) async fn run(scene: &Arc<Scene>, turns: usize) -> Result<(Vec<Turn>, Busy), Failure> {
    // A few entries more than measured, so that the last batch is as full as the first.
    script::win(scene, (turns + 3) * CLAIMS_MAX).await?;
    let mut writer = Writer::new(scene.db.clone(), scene.hot.clone(), scene.pool.clone());
    let mut bare = Bare::default();
    // The first turn warms plans and caches of both and is not counted.
    turn(scene, &mut writer, &mut bare).await?;

    let watched = Watched { redis: scene.redis, postgres: scene.postgres, ..Watched::default() };
    let mut done = Vec::with_capacity(turns);
    let before = watched.look();
    for _ in 0..turns {
        done.push(turn(scene, &mut writer, &mut bare).await?);
    }
    Ok((done, watched.look().since(&before)))
}

async fn turn(scene: &Scene, writer: &mut Writer, bare: &mut Bare) -> Result<Turn, Failure> {
    let from = Instant::now();
    let mut written = 0;
    while written < CLAIMS_MAX {
        match writer.step().await? {
            Step::Wrote { claims, .. } => written += claims,
            other => return Err(format!("the writer has nothing more to write: {other:?}").into()),
        }
    }
    let writer_per_s = count(written) / from.elapsed().as_secs_f64();

    let made_up = measure::Scene {
        pool_id: scene.pool.clone(),
        round_id: scene.plenty.round_id,
        stores: scene.stores.clone(),
        lines: vec![scene.plenty.line_id],
        user_id: scene.user,
    };
    let nowhere = Position { epoch: scene.epoch, log_pos: "0-0".to_owned(), log_n: 0, claims_written: 0 };
    let batch = made_up.batch(nowhere, CLAIMS_MAX, clock::now_ms());
    let mut tx = scene.db.0.begin().await?;
    seed::take_time(&mut tx).await?;
    let rows = bare.prepare(&mut tx, &batch).await?;
    let from = Instant::now();
    rows.insert(&mut tx).await?;
    tx.commit().await?;
    Ok(Turn { writer_per_s, bare_per_s: count(CLAIMS_MAX) / from.elapsed().as_secs_f64() })
}
