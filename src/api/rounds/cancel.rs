//! Calling a round off before it opens; pledged stock goes back.

use super::answer::answered;
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Reason,
    },
    auth::{May, may},
    domain::ids::RoundId,
    storage::round_views::RoundDetail,
};
use actix_web::{HttpResponse, post, web};

/// Cancel a round that has not opened
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 200, body = RoundDetail),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: an open round is stopped instead", body = ProblemBody),
    ),
)]
#[post("/rounds/{round_id}/cancel")]
pub async fn cancel(
    state: web::Data<ApiState>,
    session: May<may::SteerRound>,
    round_id: web::Path<RoundId>,
    Body(said): Body<Reason>,
) -> Result<HttpResponse, Problem> {
    state.rounds.cancel(*round_id, said.reason.as_str(), session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Ok()).await
}
