//! `graborder migrate`: the tables of this version.

use super::{Failure, runtime};
use crate::{config::Settings, storage::Db};
use std::process::ExitCode;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    runtime()?.block_on(async {
        Db::connect(&settings.postgres.url, 2).await?.migrate().await?;
        println!("the database is at this version's tables");
        Ok(ExitCode::SUCCESS)
    })
}
