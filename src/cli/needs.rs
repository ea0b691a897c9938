//! `graborder needs`: computes the need of the whole chain once, and says how far it is.

use super::{Failure, runtime};
use crate::{
    config::Settings,
    domain::ids::NeedRunId,
    needs::Worker,
    storage::{
        Db,
        need_runs::{self, Asked, NeedRun, NeedRunState},
    },
};
use std::{process::ExitCode, time::Duration};

const PACE: Duration = Duration::from_secs(1);

pub(super) fn run() -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    runtime()?.block_on(async {
        let db = Db::connect(&settings.postgres.url, 3).await?;
        let run = compute(&db).await?;
        println!("{}", serde_json::to_string(&run)?);
        Ok(if run.state == NeedRunState::Done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Asks for a run, or joins the one that goes on, and stays until it is over, whichever node computes it.
pub(super) async fn compute(db: &Db) -> Result<NeedRun, Failure> {
    let id = asked(db).await?;
    let worker = Worker::new(db.clone(), None);
    loop {
        let (stepped, ()) = tokio::join!(worker.step(), tell(db, id));
        if let Err(error) = stepped {
            eprintln!("graborder: {error}");
        }
        let run = found(db, id).await?;
        if matches!(run.state, NeedRunState::Done | NeedRunState::Failed) {
            return Ok(run);
        }
        tokio::time::sleep(PACE).await;
    }
}

async fn asked(db: &Db) -> Result<NeedRunId, Failure> {
    let mut db = db.0.acquire().await?;
    for _ in 0..3 {
        if let Some(id) = need_runs::ask(&mut db, Asked::CommandLine).await? {
            return Ok(id);
        }
        if let Some(run) = need_runs::unfinished(&mut db).await? {
            return Ok(run.need_run_id);
        }
    }
    Err("runs come and go too fast: try again".into())
}

async fn found(db: &Db, id: NeedRunId) -> Result<NeedRun, Failure> {
    let run = need_runs::run(&mut *db.0.acquire().await?, id).await?;
    Ok(run.ok_or("the run is gone from the books")?)
}

/// A line a second until the run is over, or rests.
async fn tell(db: &Db, id: NeedRunId) {
    loop {
        tokio::time::sleep(PACE).await;
        match found(db, id).await {
            Ok(run) => {
                eprintln!("graborder: {} of {} pairs", run.pairs_done, run.pairs_total);
                if run.state != NeedRunState::Running {
                    return;
                }
            }
            Err(error) => return eprintln!("graborder: {error}"),
        }
    }
}
