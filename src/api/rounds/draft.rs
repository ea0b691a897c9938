//! Writing a round down. Nothing is pledged and nobody is told yet.

use super::answer::answered;
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values,
    },
    auth::{May, may},
    rounds::NewRound,
    storage::round_views::RoundDetail,
};
use actix_web::{HttpResponse, http::header, post, web};

/// Draft a round
#[utoipa::path(
    tag = "rounds",
    request_body = NewRound,
    responses(
        (status = 201, body = RoundDetail, headers(("Location" = String), ("ETag" = String))),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/rounds")]
pub async fn draft(
    state: web::Data<ApiState>,
    session: May<may::DraftRound>,
    Body(said): Body<NewRound, 64>,
) -> Result<HttpResponse, Problem> {
    values::storable("/name", &said.name)?;
    values::sensible("/opens_at", said.opens_at)?;
    values::sensible("/closes_at", said.closes_at)?;
    let round_id = state.rounds.draft(said, session.user_id).await?;
    let mut response = HttpResponse::Created();
    response.insert_header((header::LOCATION, format!("/api/v1/rounds/{round_id}")));
    answered(&state, &session, round_id, response).await
}
