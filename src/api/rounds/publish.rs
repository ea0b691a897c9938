//! Publishing: stock is pledged, rules are frozen, the invited stores are told. A hot round waits for a second person first.

use super::answer::answered;
use crate::{
    api::{
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::RoundId,
    storage::round_views::RoundDetail,
};
use actix_web::{HttpResponse, post, web};

/// Publish a draft
///
/// A hot round becomes `PENDING_APPROVAL` instead of `SCHEDULED`: nothing is pledged before another supervisor approves it.
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    responses(
        (status = 200, body = RoundDetail),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`, or `not_enough_stock` with the lines concerned", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/rounds/{round_id}/publish")]
pub async fn publish(
    state: web::Data<ApiState>,
    session: May<may::PublishRound>,
    round_id: web::Path<RoundId>,
) -> Result<HttpResponse, Problem> {
    state.rounds.publish(*round_id, session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Ok()).await
}
