//! The round stays open longer than planned.

use super::answer::answered;
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::{self, Text},
    },
    auth::{May, may},
    domain::{ids::RoundId, round::Intent},
    storage::round_views::RoundDetail,
};
use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// The new planned closing time, to which pauses are added.
    closes_at: DateTime<Utc>,
    #[schema(value_type = String, max_length = 200)]
    reason: Text<200>,
}

/// Extend a round
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    request_body = Extend,
    responses(
        (status = 202, description = "The new time follows by event", body = RoundDetail),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/rounds/{round_id}/extend")]
pub async fn extend(
    state: web::Data<ApiState>,
    session: May<may::SteerRound>,
    round_id: web::Path<RoundId>,
    Body(said): Body<Extend>,
) -> Result<HttpResponse, Problem> {
    values::sensible("/closes_at", said.closes_at)?;
    let intent = Intent::Extend { closes_at_ms: said.closes_at.timestamp_millis() };
    state.rounds.ask(*round_id, intent, said.reason.as_str(), session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Accepted()).await
}
