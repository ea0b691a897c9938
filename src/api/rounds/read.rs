//! One round with its lines, and for store people with their own part.

use super::answer::{Shown, round};
use crate::{
    api::{
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::RoundId,
    storage::round_views::RoundDetail,
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web};

/// A round
#[utoipa::path(
    tag = "rounds",
    params(("round_id" = String, Path)),
    responses(
        (status = 200, body = RoundDetail, headers(("ETag" = String, description = "For If-Match and If-None-Match"))),
        (status = 304),
        (status = 404, body = ProblemBody),
    ),
)]
#[get("/rounds/{round_id}")]
pub async fn read(
    state: web::Data<ApiState>,
    session: May<may::SeeRounds>,
    round_id: web::Path<RoundId>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let shown = Shown::of(&round(&state, &session, *round_id).await?)?;
    let known = req.headers().get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == shown.etag.as_bytes());
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // It may be kept, by this caller alone, and is asked for again each time.
    response
        .insert_header((header::ETAG, shown.etag))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, "authorization"));
    Ok(if known { response.finish() } else { response.content_type("application/json").body(shown.body) })
}
