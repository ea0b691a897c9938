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
    storage::{Tx, admin_actions::Act, auth_versions, identities, users},
};
use actix_web::{HttpResponse, post, web};

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
    let act = Act::new(Some(session.user_id), Action::SignedOut, said.reason.as_str());
    users::noted(&mut tx, *user_id, act).await?;
    let Some(changed) = auth_versions::sign_out(&mut tx, *user_id).await? else {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    };
    identities::unbind_all(&mut tx, *user_id).await?;
    tx.commit().await?;
    Ok(changed::bare_answer(&state, Some(changed)).await)
}
