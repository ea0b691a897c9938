//! Taking a file over. Said twice, it is done once.

use super::answer::{ImportJob, finish, hold, refuse};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
        values::Text,
    },
    auth::{May, may},
    domain::ids::ImportId,
    import::{self, Confirmed},
    storage::{Tx, imports::jobs},
};
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// Rows with errors stay out; without it they keep everything out.
    #[serde(default)]
    skip_bad: bool,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    reason: Option<Text<200>>,
}

/// Take an import over into the books
#[utoipa::path(
    tag = "imports",
    params(("import_id" = String, Path)),
    request_body = Confirmation,
    responses(
        (status = 202, body = ImportJob, description = "APPLYING, then APPLIED; PREVIEWED again if the books moved so that rows became wrong"),
        (status = 200, body = ImportJob, description = "It was confirmed before"),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`bad_rows`; `already_applied`: the very file; `wrong_state`", body = ProblemBody),
    ),
)]
#[post("/imports/{import_id}/confirm")]
pub async fn confirm(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    import_id: web::Path<ImportId>,
    Body(said): Body<Confirmation>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let lang = lang_of(&request);
    let tx = Tx::begin(&state.db).await?;
    let (mut tx, job) = hold(tx, &session, *import_id).await?;
    let reason = said.reason.as_ref().map_or("", Text::as_str);
    // The file is read once more, with what its sender may do now.
    jobs::judge_as(&mut tx, *import_id, session.role).await?;
    let confirmed = import::confirm(&mut tx, &job, Some(session.user_id), said.skip_bad, reason).await?;
    let refused = match confirmed {
        Confirmed::Now => None,
        Confirmed::Before => {
            let job = finish(tx, &session, *import_id, lang).await?;
            return Ok(HttpResponse::Ok().json(job));
        }
        Confirmed::BadRows => Some(Kind::BadRows),
        Confirmed::AppliedBefore => Some(Kind::AlreadyApplied),
        Confirmed::WrongState => Some(Kind::WrongState),
    };
    if let Some(kind) = refused {
        return Err(refuse(tx, kind.into()).await);
    }
    let job = finish(tx, &session, *import_id, lang).await?;
    Ok(HttpResponse::Accepted().json(job))
}
