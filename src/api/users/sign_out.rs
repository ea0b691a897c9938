//! Ending somebody's sessions everywhere: a lost phone, or a person who left.

use super::changed;
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Reason,
    },
    auth::{May, may},
    domain::{admin_action::Action, ids::UserId},
    storage::{
        Tx,
        admin_actions::Act,
        sign_ins::{self, EndedWhy},
        user_edit, users,
    },
};
use actix_web::{HttpResponse, post, web};
use serde_json::json;

/// Sign somebody out everywhere
///
/// Tokens, tickets and open sockets of before count for nothing from the answer on. Signing in again stays possible.
#[utoipa::path(
    tag = "users",
    params(("user_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 204, description = "Done: no claim of an older session is decided any more"),
        (status = 202, description = "It stands in the books; claims feel it as soon as Redis answers"),
        (status = 404, body = ProblemBody),
    ),
)]
#[post("/users/{user_id}/sign-out")]
pub async fn sign_out(
    state: web::Data<ApiState>,
    session: May<may::SignOutUser>,
    user_id: web::Path<UserId>,
    Body(said): Body<Reason>,
) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    if user_edit::hold(&mut tx, *user_id).await?.is_none() {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    }
    let ended = sign_ins::end_all(&mut tx, *user_id, None, EndedWhy::Everywhere).await?;
    let act = Act::new(Some(session.user_id), Action::SignedOutEverywhere, said.reason.as_str());
    let changed =
        users::changed(&mut tx, *user_id, act.after(json!({ "devices": ended }))).await?.ok_or(Kind::NotFound)?;
    tx.commit().await?;
    let felt = changed::is_felt(&state, &changed).await;
    Ok(if felt { HttpResponse::NoContent().finish() } else { HttpResponse::Accepted().finish() })
}
