//! The second person of a hot round agrees, and it is published.

use super::answer::{answered, version_in};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        users::reach::Why,
    },
    auth::{May, may},
    domain::ids::RoundId,
    storage::round_views::RoundDetail,
};
use actix_web::{HttpRequest, HttpResponse, http::header, post, web};

/// Approve a hot round
///
/// By a supervisor who neither asked for it nor changed it last. Stock and needs count as they are now.
#[utoipa::path(
    tag = "rounds",
    params(
        ("round_id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag of what was read: then nothing else is approved"),
    ),
    request_body = Why,
    responses(
        (status = 200, body = RoundDetail, headers(("ETag" = String))),
        (status = 404, body = ProblemBody),
        (
            status = 409,
            description = "`second_person_needed`; `wrong_state`; `not_enough_stock` with the lines concerned",
            body = ProblemBody,
        ),
        (status = 412, description = "`changed` since it was read", body = ProblemBody),
        (status = 422, description = "`invalid`: its time has passed", body = ProblemBody),
    ),
)]
#[post("/rounds/{round_id}/approve")]
pub async fn approve(
    state: web::Data<ApiState>,
    session: May<may::ApproveRound>,
    round_id: web::Path<RoundId>,
    req: HttpRequest,
    Body(said): Body<Why>,
) -> Result<HttpResponse, Problem> {
    let version = match req.headers().get(header::IF_MATCH) {
        Some(tag) => Some(tag.to_str().ok().and_then(version_in).ok_or(Kind::Changed)?),
        None => None,
    };
    state.rounds.approve(*round_id, version, said.text(), session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Ok()).await
}
