//! `graborder serve`: a node.

use super::{Failure, Role, private::stop_asked, runtime};
use crate::{
    app::{self, Roles},
    config::Settings,
    storage::rights,
};
use std::process::ExitCode;

pub(super) fn run(roles: &[Role]) -> Result<ExitCode, Failure> {
    let settings = Settings::load()?;
    app::log::start(&settings.log)?;
    let all = roles.is_empty();
    let roles = Roles {
        web: all || roles.contains(&Role::Web),
        writer: all || roles.contains(&Role::Writer),
        rounds: all || roles.contains(&Role::Rounds),
    };
    runtime()?.block_on(async {
        let node = app::start(&settings, roles).await?;
        if rights::owns_the_books(&mut *node.db.0.acquire().await?).await? {
            tracing::warn!(
                "the database role owns the tables and could change what was decided: make a role for the nodes and run graborder migrate --app-role"
            );
        }
        if let Some(address) = node.address {
            println!("graborder serves on http://{address}");
        }
        let stop = node.tasks.stop.clone();
        tokio::select! {
            asked = stop_asked() => asked?,
            () = stop.cancelled() => {
                node.end().await;
                return Err("a task broke off; the log says which".into());
            }
        }
        node.end().await;
        Ok(ExitCode::SUCCESS)
    })
}
