//! One job, with what was found in its file.

use super::answer::{ImportJob, kinds};
use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::ImportId,
    storage::imports::jobs,
};
use actix_web::{HttpRequest, get, web};

/// An import
#[utoipa::path(
    tag = "imports",
    params(("import_id" = String, Path)),
    responses((status = 200, body = ImportJob), (status = 404, body = ProblemBody)),
)]
#[get("/imports/{import_id}")]
pub async fn read(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    import_id: web::Path<ImportId>,
    request: HttpRequest,
) -> Result<web::Json<ImportJob>, Problem> {
    let mut db = state.connection().await?;
    let view = jobs::job(&mut db, &kinds(&session), *import_id).await?.ok_or(Kind::NotFound)?;
    Ok(web::Json(ImportJob::of(view, lang_of(&request))))
}
