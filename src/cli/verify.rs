//! `graborder verify`: recomputes the books and says what does not add up. Ends with 1 when anything does not.

use super::{Failure, runtime};
use crate::{
    config::Settings,
    storage::{Db, audit, chain, round_list},
};
use serde_json::{Map, Value};
use std::process::ExitCode;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    runtime()?.block_on(async {
        let db = Db::connect(&settings.postgres.url, 2).await?;
        let report = report(&db).await?;
        println!("{}", serde_json::to_string(&report.figures)?);
        Ok(if report.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Volumes and checks by name, and how many checks failed.
pub(super) struct Report {
    pub(super) figures: Map<String, Value>,
    pub(super) wrong: usize,
}

pub(super) async fn report(db: &Db) -> Result<Report, Failure> {
    // One snapshot: the books go on while we read.
    let mut tx = db.0.begin_with("begin isolation level repeatable read read only").await?;
    crate::storage::seed::take_time(&mut tx).await?;
    let (rounds, claims, won, orders) = audit::volume(&mut tx).await?;
    let mut figures = Map::new();
    for (name, value) in [("rounds", rounds), ("claims", claims), ("won", won), ("orders", orders)] {
        figures.insert(name.to_owned(), value.into());
    }
    let mut wrong = 0;
    for check in &audit::CHECKS {
        let found = check.run(&mut tx).await?;
        if found != 0 {
            wrong += 1;
            eprintln!("{}: {found}: {}", check.name, check.meaning);
        }
        figures.insert(check.name.to_owned(), found.into());
    }
    let mut broken = 0;
    for round_id in round_list::with_decisions(&mut tx).await? {
        let found = chain::verify(&mut tx, round_id).await?;
        broken += usize::from(!found.is_sound());
        for (n, what) in found.told {
            eprintln!("round {round_id}, event {n}: {what}");
        }
    }
    figures.insert("broken_chains".to_owned(), broken.into());
    wrong += usize::from(broken > 0);
    tx.commit().await?;
    Ok(Report { figures, wrong })
}
