//! Signing out all of one's devices, this one too: for whoever lost a phone or a doubt.

use crate::{
    api::{
        problem::{Problem, ProblemBody},
        state::ApiState,
        users::changed,
    },
    auth::Session,
    domain::admin_action::Action,
    storage::{
        Tx,
        admin_actions::Act,
        identities,
        sign_ins::{self, EndedWhy},
        user_edit, users,
    },
};
use actix_web::{HttpResponse, post, web};
use serde_json::json;

/// Sign out everywhere
#[utoipa::path(tag = "auth", responses((status = 204), (status = 202, description = "Claims feel it as soon as Redis answers"), (status = 401, body = ProblemBody)))]
#[post("/auth/sign-out-everywhere")]
pub async fn sign_out_everywhere(state: web::Data<ApiState>, session: Session) -> Result<HttpResponse, Problem> {
    let user_id = session.user_id;
    let mut tx = Tx::begin(&state.db).await?;
    user_edit::hold(&mut tx, user_id).await?;
    let ended = sign_ins::end_all(&mut tx, user_id, None, EndedWhy::Everywhere).await?;
    // Whoever has the phone that was lost must not come back by what it is signed in to.
    identities::unbind_all(&mut tx, user_id).await?;
    let act = Act::new(Some(user_id), Action::SignedOutEverywhere, "").after(json!({ "devices": ended }));
    let changed = users::changed(&mut tx, user_id, act).await?;
    tx.commit().await?;
    Ok(changed::bare_answer(&state, changed).await)
}
