//! `GET /ws`: who is calling, may this origin, then the session.

use super::{guests::Guest, http::Parts, origin::origin_may, tasks};
use crate::{
    api::problem::{Kind, Problem},
    auth::{AuthVersions, GrabbingDevices, Session, ticket},
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
    query: Result<web::Query<Query>, actix_web::Error>,
    parts: web::Data<Parts>,
) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let lang = Lang::from_accept_language(accepted);
    let ticket = query.ok().and_then(|query| query.into_inner().ticket);
    match enter(&request, body, ticket, &parts, lang).await {
        Ok(response) => response,
        Err(problem) => problem.response(lang),
    }
}

/// Cheap checks come first, and a ticket is used up only by a handshake that is one.
async fn enter(
    request: &HttpRequest,
    body: web::Payload,
    ticket: Option<String>,
    parts: &Parts,
    lang: Lang,
) -> Result<HttpResponse, Problem> {
    if parts.draining.is_cancelled() {
        return Err(Problem::new(Kind::Unavailable).retry_after(2000));
    }
    if !origin_may(request, &parts.origins) {
        return Err(Kind::NotAllowed.into());
    }
    let (response, socket) = match ws::open(request, body) {
        Ok(open) => open,
        Err(error) => return Ok(no_handshake(&error, lang)),
    };
    // Only who has something to show counts against the rate, and only then is a ticket used up.
    let bearer = Session::extract(request).await.ok().map(|session| session.0);
    let shows = match &ticket {
        Some(ticket) => ticket::is_good(&parts.hot, ticket).await.map_err(|error| {
            tracing::warn!(%error, "a ticket could not be looked up");
            Problem::new(Kind::Unavailable).retry_after(1000)
        })?,
        None => bearer.is_some(),
    };
    if !shows {
        return Err(Kind::SignIn.into());
    }
    parts.admission.admit().map_err(|after_ms| Problem::new(Kind::Unavailable).retry_after(after_ms))?;
    let identity = match ticket {
        Some(ticket) => ticket::redeem(&parts.hot, &ticket).await.map_err(|error| {
            tracing::warn!(%error, "a ticket could not be looked up");
            Problem::new(Kind::Unavailable).retry_after(1000)
        })?,
        None => bearer,
    };
    let versions = parts.tokens.versions().clone();
    let identity = identity.filter(|who| is_good(who, &versions)).ok_or(Kind::SignIn)?;
    if let Some(guest) = request.conn_data::<Guest>()
        && !guest.becomes(identity.user_id)
    {
        return Err(Problem::new(Kind::TooManySockets).retry_after(30_000).ending());
    }
    let place = parts.places.take(&identity).ok_or_else(|| Problem::new(Kind::TooManySockets).retry_after(30_000))?;
    let caller = Caller { identity, lang };
    let doors = Doors {
        hub: Arc::clone(&parts.hub),
        grab: parts.grab.clone(),
        redeem: redeem(parts.hot.clone(), versions.clone()),
        versions,
        devices: GrabbingDevices::new(parts.hot.clone()),
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

/// The status and headers that RFC 6455 wants, with words of ours.
fn no_handshake(error: &actix_web::Error, lang: Lang) -> HttpResponse {
    let wanted = error.error_response();
    let is_old = wanted.status() == Kind::OldSocket.status();
    let mut response = Problem::new(if is_old { Kind::OldSocket } else { Kind::NoSocket }).response(lang);
    for name in [header::UPGRADE, header::SEC_WEBSOCKET_VERSION] {
        if let Some(value) = wanted.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
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
