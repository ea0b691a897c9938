//! Changing a draft, on the grounds of what one has read: two editors cannot overwrite each other unseen.

use super::answer::{answered, version_in};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values,
    },
    auth::{May, may},
    domain::ids::RoundId,
    rounds::Edit,
    storage::round_views::RoundDetail,
};
use actix_web::{HttpRequest, HttpResponse, http::header, patch, web};

/// Change a draft
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path), ("If-Match" = String, Header, description = "The ETag of what was read")),
    request_body = Edit,
    responses(
        (status = 200, body = RoundDetail, headers(("ETag" = String))),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: no draft any more", body = ProblemBody),
        (status = 412, description = "`changed` since it was read", body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 428, description = "`if_match_missing`", body = ProblemBody),
    ),
)]
#[patch("/rounds/{round_id}")]
pub async fn edit(
    state: web::Data<ApiState>,
    session: May<may::DraftRound>,
    round_id: web::Path<RoundId>,
    req: HttpRequest,
    Body(said): Body<Edit, 64>,
) -> Result<HttpResponse, Problem> {
    let tag = req.headers().get(header::IF_MATCH).ok_or(Kind::UnsaidVersion)?;
    let version = tag.to_str().ok().and_then(version_in).ok_or(Kind::Changed)?;
    if let Some(name) = &said.name {
        values::storable("/name", name)?;
    }
    for (pointer, time) in [("/opens_at", said.opens_at), ("/closes_at", said.closes_at)] {
        if let Some(time) = time {
            values::sensible(pointer, time)?;
        }
    }
    state.rounds.edit(*round_id, version, said, session.user_id).await?;
    answered(&state, &session, *round_id, HttpResponse::Ok()).await
}
