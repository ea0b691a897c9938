//! `graborder seed`: the demo chain into the configured, empty database.

use super::{Failure, private::write_secret, runtime};
use crate::{auth::password, config::Settings, demo::plant, storage::Db};
use std::{path::PathBuf, process::ExitCode};

pub(super) fn run(logins_file: Option<PathBuf>) -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    runtime()?.block_on(async {
        let db = Db::connect(&settings.postgres.url, 2).await?;
        if !plant::chain(&db).await? {
            return Err("a chain stands in this database already; seed wants an empty one".into());
        }
        let password: String = hex::encode(rand::random::<[u8; 6]>());
        let logins = plant::users(&db, &password, &password::hash(&password.as_str().into())?).await?;
        let json = serde_json::to_vec_pretty(&logins)?;
        match logins_file {
            Some(file) => write_secret(&file, &json)?,
            None => println!("{}", String::from_utf8_lossy(&json)),
        }
        Ok(ExitCode::SUCCESS)
    })
}
