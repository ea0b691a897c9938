//! Those who tap: a clerk of every store, signed in with a password over HTTP, half of them at each node.

use super::{http::Api, say};
use crate::{cli::Failure, demo::plant::Login, domain::role::Role};
use futures_util::{StreamExt, TryStreamExt, stream};

/// Sign-ins under way. A node checks two passwords at once and lets some dozens wait.
const AT_ONCE: usize = 16;

/// A store's clerk at a node.
#[derive(Clone)]
pub(super) struct Clerk {
    pub(super) store_code: String,
    pub(super) api: Api,
}

pub(super) async fn sign_in(logins: &[Login], nodes: [&Api; 2], sessions: usize) -> Result<Vec<Clerk>, Failure> {
    let clerks: Vec<&Login> = logins.iter().filter(|login| login.role == Role::StoreStaff).take(sessions).collect();
    if clerks.len() < sessions {
        return Err(format!("the demo chain has {} stores, {sessions} were asked for", clerks.len()).into());
    }
    say(format_args!("{sessions} stores sign in"));
    let arrivals = clerks.into_iter().enumerate().map(|(i, login)| async move {
        let api = nodes[i % 2].sign_in(&login.login, &login.password).await?;
        Ok::<_, Failure>(Clerk { store_code: login.store_code.clone().unwrap_or_default(), api })
    });
    stream::iter(arrivals).buffered(AT_ONCE).try_collect().await
}

/// Two supervisors: a round of which much is needed waits for the second.
pub(super) async fn sign_in_two(logins: &[Login], node: &Api) -> Result<[Api; 2], Failure> {
    let mut supervisors = logins.iter().filter(|login| login.role == Role::Supervisor);
    let (Some(first), Some(second)) = (supervisors.next(), supervisors.next()) else {
        return Err("the demo chain lacks two supervisors".into());
    };
    let sign_in = async |login: &Login| node.sign_in(&login.login, &login.password).await;
    Ok([sign_in(first).await?, sign_in(second).await?])
}

/// Somebody of headquarters.
pub(super) async fn sign_in_one(logins: &[Login], role: Role, node: &Api) -> Result<Api, Failure> {
    let login = logins.iter().find(|login| login.role == role).ok_or("the demo chain lacks a supervisor")?;
    node.sign_in(&login.login, &login.password).await
}
