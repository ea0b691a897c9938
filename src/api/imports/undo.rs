//! Taking a job back as a whole, or not at all: what somebody changed since is not lost for it.

use super::answer::{ImportJob, finish, hold, refuse};
use crate::{
    api::{
        body::Body,
        problem::{FieldError, Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
        values::Reason,
        words::Words,
    },
    auth::{May, may},
    domain::{
        admin_action::{Action, OnKind},
        clock,
        ids::ImportId,
        import::ImportState,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        imports::{
            self, jobs,
            undo::{self as books, Changed},
        },
    },
};
use actix_web::{HttpRequest, post, web};
use serde_json::json;

/// More than anybody reads.
const NAMED_MAX: usize = 50;
const FOREIGN_KEY: &str = "23503";

/// Take an import back
#[utoipa::path(
    tag = "imports",
    params(("import_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 200, body = ImportJob),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`changed_since`: the rows are named; `wrong_state`: it is not APPLIED, or that is more than 30 days ago", body = ProblemBody),
    ),
)]
#[post("/imports/{import_id}/undo")]
pub async fn undo(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    import_id: web::Path<ImportId>,
    Body(said): Body<Reason>,
    request: HttpRequest,
) -> Result<web::Json<ImportJob>, Problem> {
    let lang = lang_of(&request);
    let mut tx = Tx::begin(&state.db).await?;
    imports::one_at_a_time(&mut tx).await?;
    let (mut tx, job) = hold(tx, &session, *import_id).await?;
    if job.state == ImportState::Undone {
        return finish(tx, &session, *import_id, lang).await.map(web::Json);
    }
    if job.state != ImportState::Applied || job.undo_until.is_none_or(|until| until.0 < clock::now()) {
        return Err(refuse(tx, Kind::WrongState.into()).await);
    }
    let in_the_way = match books::undo(&mut tx, job.kind, *import_id, Some(session.user_id)).await {
        Ok(changed) => changed,
        Err(error) => {
            let Some(detail) = in_use(&error) else { return Err(error.into()) };
            tx.rollback().await?;
            let mut db = state.connection().await?;
            return Err(changed_since(
                &books::row_of(&mut db, *import_id, &detail).await?.into_iter().collect::<Vec<_>>(),
            ));
        }
    };
    if !in_the_way.is_empty() {
        return Err(refuse(tx, changed_since(&in_the_way)).await);
    }
    jobs::undone(&mut tx, *import_id, Some(session.user_id), said.reason.as_str()).await?;
    let act = Act::new(Some(session.user_id), Action::ImportUndone, said.reason.as_str())
        .after(json!({"kind": job.kind, "name": job.file_name, "good_rows": job.good_rows}));
    admin_actions::write(&mut tx, OnKind::Import, import_id.0, act).await?;
    finish(tx, &session, *import_id, lang).await.map(web::Json)
}

/// What Postgres says when others refer to a row that is to go.
fn in_use(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error().filter(|error| error.code().as_deref() == Some(FOREIGN_KEY))?;
    let postgres = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
    Some(postgres.and_then(|error| error.detail()).unwrap_or_default().to_owned())
}

fn changed_since(rows: &[Changed]) -> Problem {
    let told = |row: &Changed| FieldError {
        pointer: String::new(),
        detail: Words::new(
            format!("第 {} 行 {}：后来有改动，或已被用到。", row.row_no, row.what),
            format!("Row {} {}: changed or used since.", row.row_no, row.what),
        ),
    };
    Problem::at(Kind::ChangedSince, rows.iter().take(NAMED_MAX).map(told).collect())
}
