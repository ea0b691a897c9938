//! A hot round is not agreed to, or withdrawn by who asked for it: it is a draft again.

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

/// Send a hot round back
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 200, body = RoundDetail, headers(("ETag" = String))),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: nobody asked for it", body = ProblemBody),
    ),
)]
#[post("/rounds/{round_id}/send-back")]
pub async fn send_back(
    state: web::Data<ApiState>,
    session: May<may::ApproveRound>,
    round_id: web::Path<RoundId>,
    Body(said): Body<Reason>,
) -> Result<HttpResponse, Problem> {
    state.rounds.send_back(*round_id, said.reason.as_str(), session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Ok()).await
}
