//! The one-time ticket that opens a socket.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{Session, ticket},
};
use actix_web::{HttpResponse, post, web};
use serde::Serialize;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct WsTicket {
    /// For `GET /ws?ticket=…`, once.
    ticket: String,
    /// From now on.
    expires_in_ms: i64,
}

/// Get a ticket for a socket
#[utoipa::path(
    tag = "auth",
    responses(
        (status = 201, body = WsTicket),
        (status = 401, body = ProblemBody),
        (status = 503, description = "`unavailable`: try again", body = ProblemBody),
    ),
)]
#[post("/ws-tickets")]
pub async fn ws_ticket(state: web::Data<ApiState>, session: Session) -> Result<HttpResponse, Problem> {
    let ticket = ticket::issue(&state.hot, &session)
        .await
        .map_err(|error| Problem::new(Kind::Unavailable).retry_after(1000).because(error))?;
    Ok(HttpResponse::Created().json(WsTicket { ticket, expires_in_ms: ticket::TICKET_LIFE_MS }))
}
