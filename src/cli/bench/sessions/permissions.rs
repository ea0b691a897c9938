//! Every door of the API and every frame of the socket, tried by every role and by nobody: who is let in must be whom the
//! table names.

use super::phone::{Phone, Turned};
use crate::{
    auth::doors::{DOORS, FRAMES, Frame, LET_IN, ROLES, Who},
    cli::{
        Failure,
        bench::{crowd, http::Api},
    },
    demo::plant::Login,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) cells: usize,
    pub(super) wrong: usize,
}

pub(super) async fn run(node: &Api, address: &str, logins: &[Login]) -> Result<Figures, Failure> {
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
    for frame in FRAMES {
        for (role, caller) in &callers {
            let heard = try_frame(address, caller, frame).await?;
            let right = match role {
                None => heard == Met::NoSocket,
                Some(role) if frame.who.includes(*role) => heard == Met::LetIn,
                Some(_) => heard == Met::NotAllowed,
            };
            figures.cells += 1;
            if !right {
                figures.wrong += 1;
                super::super::say(format_args!("{role:?} saying {}: {heard:?}", frame.t));
            }
        }
    }
    Ok(figures)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    LetIn,
    NotAllowed,
    NoSocket,
    /// The session ended over it.
    Parted,
}

#[derive(Deserialize)]
struct Ticket {
    ticket: String,
}

/// Says the frame on a socket of its own; a ping behind it tells when its answer would have come.
async fn try_frame(address: &str, api: &Api, frame: &Frame) -> Result<Met, Failure> {
    let Some(token) = api.token() else {
        return Ok(if Phone::open(address, "", None).await.is_err() { Met::NoSocket } else { Met::LetIn });
    };
    let ticket: Ticket = api.post("/ws-tickets", &serde_json::json!({})).await?;
    let Ok(mut phone) = Phone::open(address, token, None).await else { return Ok(Met::NoSocket) };
    let said: Result<(), Turned> = async {
        phone.say(frame.text_to_nothing(&ticket.ticket)).await?;
        phone.say(r#"{"t":"ping","t0":2}"#.to_owned()).await
    }
    .await;
    if said.is_err() {
        return Ok(Met::Parted);
    }
    let mut answer = Met::LetIn;
    while let Some(heard) = phone.next().await {
        match heard.t.as_str() {
            "pong" if heard.t0 == Some(2) => return Ok(answer),
            "error" if heard.code == "not_allowed" => answer = Met::NotAllowed,
            _ => {}
        }
    }
    Ok(Met::Parted)
}
