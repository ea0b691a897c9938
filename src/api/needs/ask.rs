//! Asking for a run; a node takes it within seconds.

use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    storage::need_runs::{self, Asked, NeedRun},
};
use actix_web::{HttpResponse, http::header, post, web};
use serde::Deserialize;

/// Nothing is to be said: the whole chain is computed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {}

/// Compute the need of the whole chain
///
/// One run goes on at a time: while one waits or runs, that one is answered with 200. A node takes a new one within
/// seconds; `GET /need-runs/{need_run_id}` shows how far it is.
#[utoipa::path(
    tag = "needs",
    request_body(content = Ask, example = json!({})),
    responses(
        (status = 202, body = NeedRun, headers(("Location" = String))),
        (status = 200, description = "The run that goes on already", body = NeedRun),
        (status = 403, body = ProblemBody),
    ),
)]
#[post("/need-runs")]
pub async fn ask(
    state: web::Data<ApiState>,
    session: May<may::RunNeeds>,
    Body(Ask {}): Body<Ask>,
) -> Result<HttpResponse, Problem> {
    let mut db = state.connection().await?;
    // The run that was in the way may be over by the time we look: then ours is asked again.
    for _ in 0..3 {
        if let Some(id) = need_runs::ask(&mut db, Asked::Person(session.user_id)).await? {
            let run = need_runs::run(&mut db, id).await?.ok_or(Kind::NotFound)?;
            let address = format!("/api/v1/need-runs/{id}");
            return Ok(HttpResponse::Accepted().insert_header((header::LOCATION, address)).json(run));
        }
        if let Some(run) = need_runs::unfinished(&mut db).await? {
            return Ok(HttpResponse::Ok().json(run));
        }
    }
    Err(Problem::new(Kind::Unavailable).retry_after(1000))
}
