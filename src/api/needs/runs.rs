//! The last runs: who asked, how long they took, what they counted.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    storage::need_runs::{self, NeedRun},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunQuery {
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Runs, newest first
#[utoipa::path(
    tag = "needs",
    params(RunQuery),
    responses((status = 200, body = Page<NeedRun>), (status = 403, body = ProblemBody)),
)]
#[get("/need-runs")]
pub async fn runs(
    state: web::Data<ApiState>,
    _session: May<may::RunNeeds>,
    Params(query): Params<RunQuery>,
) -> Result<web::Json<Page<NeedRun>>, Problem> {
    let limit = limit_or_default(query.limit);
    let before: Option<i64> = key_in(query.cursor.as_deref())?;
    let mut db = state.connection().await?;
    let items = need_runs::list(&mut db, before, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |run| run.run_no)))
}
