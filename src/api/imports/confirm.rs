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
    domain::{
        admin_action::{Action, OnKind},
        ids::ImportId,
        import::ImportState,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        imports::jobs,
    },
};
use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::Deserialize;
use serde_json::json;

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
    match job.state {
        ImportState::Previewed => {}
        ImportState::Applying | ImportState::Applied => {
            let job = finish(tx, &session, *import_id, lang).await?;
            return Ok(HttpResponse::Ok().json(job));
        }
        _ => return Err(refuse(tx, Kind::WrongState.into()).await),
    }
    if job.good_rows == 0 || job.bad_rows > 0 && !said.skip_bad {
        return Err(refuse(tx, Kind::BadRows.into()).await);
    }
    if !job.again && jobs::applied_before(&mut tx, job.kind, &job.sha256).await?.is_some() {
        return Err(refuse(tx, Kind::AlreadyApplied.into()).await);
    }
    jobs::confirm(&mut tx, *import_id, Some(session.user_id), said.skip_bad).await?;
    let reason = said.reason.as_ref().map_or("", Text::as_str);
    let act = Act::new(Some(session.user_id), Action::ImportConfirmed, reason).after(json!({
        "kind": job.kind, "name": job.file_name, "good_rows": job.good_rows, "bad_rows": job.bad_rows,
    }));
    admin_actions::write(&mut tx, OnKind::Import, import_id.0, act).await?;
    let job = finish(tx, &session, *import_id, lang).await?;
    Ok(HttpResponse::Accepted().json(job))
}
