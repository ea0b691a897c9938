//! `GET /ws`: who is calling, may this origin, then the session.

use super::{guests::Guest, http::Parts, origin::origin_may, tasks};
use crate::{
    api::problem::{Kind, Problem},
    auth::{AuthVersions, Session, ticket},
    domain::{clock, identity::Identity, lang::Lang},
    hot::Hot,
    ws::{self, Caller, Doors},
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Query {
    ticket: Option<String>,
}

pub(super) async fn open(
    request: HttpRequest,
    body: web::Payload,
    query: web::Query<Query>,
    parts: web::Data<Parts>,
) -> Result<HttpResponse, actix_web::Error> {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let lang = Lang::from_accept_language(accepted);
    if parts.draining.is_cancelled() {
        return Ok(Problem::new(Kind::Unavailable).retry_after(2000).response(lang));
    }
    if let Err(retry_after_ms) = parts.admission.admit() {
        return Ok(Problem::new(Kind::Unavailable).retry_after(retry_after_ms).response(lang));
    }
    if !origin_may(&request, &parts.origins) {
        return Ok(Problem::new(Kind::NotAllowed).response(lang));
    }
    let identity = match &query.ticket {
        Some(ticket) => match ticket::redeem(&parts.hot, ticket).await {
            Ok(identity) => identity,
            Err(error) => {
                tracing::warn!(%error, "a ticket could not be looked up");
                return Ok(Problem::new(Kind::Unavailable).retry_after(1000).response(lang));
            }
        },
        None => Session::extract(&request).await.ok().map(|session| session.0),
    };
    let versions = parts.tokens.versions().clone();
    let identity = identity.filter(|who| is_good(who, &versions));
    let Some(identity) = identity else { return Ok(Problem::new(Kind::SignIn).response(lang)) };
    if let Some(guest) = request.conn_data::<Guest>() {
        guest.leave();
    }
    let Some(place) = parts.places.take(&identity) else {
        return Ok(Problem::new(Kind::TooManySockets).retry_after(30_000).response(lang));
    };
    let (response, socket) = ws::open(&request, body)?;
    let caller = Caller { identity, lang };
    let doors = Doors {
        hub: Arc::clone(&parts.hub),
        grab: parts.grab.clone(),
        redeem: redeem(parts.hot.clone(), versions.clone()),
        versions,
        heartbeat_ms: parts.heartbeat_ms,
    };
    tasks::spawn_session(async move {
        let started_ms = clock::now_ms();
        let end = ws::run(socket, caller, doors).await;
        drop(place);
        tracing::debug!(?end, ms = clock::now_ms() - started_ms, "a session ended");
    });
    Ok(response)
}

/// A ticket may outlive the token that it was drawn with, and its user may have been changed since.
fn is_good(who: &Identity, versions: &AuthVersions) -> bool {
    clock::now_ms() < who.expires_at_ms && versions.is_current(who)
}

fn redeem(hot: Hot, versions: AuthVersions) -> ws::Redeem {
    Arc::new(move |text| {
        let (hot, versions) = (hot.clone(), versions.clone());
        Box::pin(async move {
            let identity = ticket::redeem(&hot, &text).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "a ticket could not be looked up");
                None
            });
            identity.filter(|who| is_good(who, &versions))
        })
    })
}
