//! Every door of the API, asked for by every role and by nobody: who is let in must be whom the table names.

use crate::{
    auth::doors::{DOORS, LET_IN, ROLES, Who},
    cli::{
        Failure,
        bench::{crowd, http::Api},
    },
    demo::plant::Login,
};
use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) cells: usize,
    pub(super) wrong: usize,
}

pub(super) async fn run(node: &Api, logins: &[Login]) -> Result<Figures, Failure> {
    let mut callers = vec![(None, node.clone())];
    for role in ROLES {
        callers.push((Some(role), crowd::sign_in_one(logins, role, node).await?));
    }
    let mut figures = Figures::default();
    for door in DOORS {
        for (role, caller) in &callers {
            let status = caller.knock(door.method, &door.path_to_nothing(), door.body).await?;
            let right = match (door.who, role) {
                (Who::Anybody, _) => LET_IN.contains(&status) || status == 401,
                (_, None) => status == 401,
                (who, Some(role)) if who.includes(*role) => LET_IN.contains(&status),
                _ => status == 403,
            };
            figures.cells += 1;
            if !right {
                figures.wrong += 1;
                super::super::say(format_args!("{role:?} at {} {}: {status}", door.method, door.path));
            }
        }
    }
    Ok(figures)
}
