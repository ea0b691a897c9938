//! `graborder migrate`: the tables of this version.

use super::{Failure, runtime};
use crate::{
    config::Settings,
    storage::{Db, rights},
};
use std::process::ExitCode;

pub(super) fn run(app_role: Option<&str>) -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    runtime()?.block_on(async {
        let db = Db::connect(&settings.postgres.url, 2).await?;
        db.migrate().await?;
        println!("the database is at this version's tables");
        if let Some(role) = app_role {
            rights::grant(&mut *db.0.acquire().await?, role).await?;
            println!("{role} may serve as a node's role: let DATABASE_URL of the nodes sign in as it");
        }
        Ok(ExitCode::SUCCESS)
    })
}
