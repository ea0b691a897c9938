//! The clock stands still: nothing is granted until somebody resumes.

use super::answer::answered;
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Reason,
    },
    auth::{May, may},
    domain::{ids::RoundId, round::Intent},
    storage::round_views::RoundDetail,
};
use actix_web::{HttpResponse, post, web};

/// Pause a round
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 202, description = "The state follows by event", body = RoundDetail),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`", body = ProblemBody),
        (status = 503, description = "`unavailable`: the round is not in Redis just now", body = ProblemBody),
    ),
)]
#[post("/rounds/{round_id}/pause")]
pub async fn pause(
    state: web::Data<ApiState>,
    session: May<may::SteerRound>,
    round_id: web::Path<RoundId>,
    Body(said): Body<Reason>,
) -> Result<HttpResponse, Problem> {
    state.rounds.ask(*round_id, Intent::Pause, said.reason.as_str(), session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Accepted()).await
}
