//! One run: how far it is, or what it counted.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::NeedRunId,
    storage::need_runs::{self, NeedRun},
};
use actix_web::{get, web};

/// A run
#[utoipa::path(
    tag = "needs",
    params(("need_run_id" = String, Path)),
    responses((status = 200, body = NeedRun), (status = 404, body = ProblemBody)),
)]
#[get("/need-runs/{need_run_id}")]
pub async fn read_run(
    state: web::Data<ApiState>,
    _session: May<may::RunNeeds>,
    need_run_id: web::Path<NeedRunId>,
) -> Result<web::Json<NeedRun>, Problem> {
    let mut db = state.connection().await?;
    Ok(web::Json(need_runs::run(&mut db, *need_run_id).await?.ok_or(Kind::NotFound)?))
}
