//! Dropping what nobody wants to take over.

use super::answer::{hold, refuse};
use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{ids::ImportId, import::ImportState},
    storage::{Tx, imports::jobs},
};
use actix_web::{HttpResponse, delete, web};

/// Drop an import that is not in the books
#[utoipa::path(
    tag = "imports",
    params(("import_id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: it is being taken over, or was", body = ProblemBody),
    ),
)]
#[delete("/imports/{import_id}")]
pub async fn remove(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    import_id: web::Path<ImportId>,
) -> Result<HttpResponse, Problem> {
    let tx = Tx::begin(&state.db).await?;
    let (mut tx, job) = hold(tx, &session, *import_id).await?;
    if !matches!(job.state, ImportState::Reading | ImportState::Previewed | ImportState::Failed) {
        return Err(refuse(tx, Kind::WrongState.into()).await);
    }
    jobs::remove(&mut tx, *import_id).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
