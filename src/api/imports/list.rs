//! The jobs of the kinds that one feeds.

use super::answer::{ImportJob, kinds};
use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
    },
    auth::{May, may},
    domain::{
        ids::ImportId,
        import::{ImportKind, ImportState},
    },
    storage::imports::jobs,
};
use actix_web::{HttpRequest, get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    kind: Option<ImportKind>,
    state: Option<ImportState>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Imports, newest first
#[utoipa::path(
    tag = "imports",
    params(ImportQuery),
    responses((status = 200, body = Page<ImportJob>), (status = 403, body = ProblemBody)),
)]
#[get("/imports")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    Params(query): Params<ImportQuery>,
    request: HttpRequest,
) -> Result<web::Json<Page<ImportJob>>, Problem> {
    let limit = limit_or_default(query.limit);
    let before: Option<ImportId> = key_in(query.cursor.as_deref())?;
    let mut seen = kinds(&session);
    seen.retain(|kind| query.kind.is_none_or(|wanted| wanted == *kind));
    let mut db = state.connection().await?;
    let views = jobs::list(&mut db, &seen, query.state, before, limit).await?;
    let lang = lang_of(&request);
    let items = views.into_iter().map(|view| ImportJob { preview: None, ..ImportJob::of(view, lang) }).collect();
    Ok(web::Json(Page::cut(items, limit, |job| job.import_id)))
}
