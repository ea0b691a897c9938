//! Signing out: tokens, tickets and sockets of the device count for nothing from the answer on.

use super::refresh::Refresh;
use crate::{
    api::{body::Body, problem::Problem, state::ApiState, users::changed},
    auth::refresh,
    domain::{admin_action::Action, clock},
    storage::{
        Tx,
        admin_actions::Act,
        sign_ins::{self, EndedWhy},
        user_edit, users,
    },
};
use actix_web::{HttpResponse, post, web};
use serde_json::json;

/// Sign out
///
/// Says nothing about whether the token was any good. Other devices of the same user renew their tokens by themselves.
#[utoipa::path(
    tag = "auth",
    request_body = Refresh,
    responses((status = 204), (status = 202, description = "Claims feel it as soon as Redis answers")),
)]
#[post("/auth/logout")]
pub async fn logout(state: web::Data<ApiState>, Body(said): Body<Refresh>) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let device = refresh::device_of(&mut tx, said.refresh_token.as_str(), clock::now()).await?;
    let mut changed = None;
    if let Some((user_id, sign_in_id)) = device {
        user_edit::hold(&mut tx, user_id).await?;
        if sign_ins::end(&mut tx, user_id, sign_in_id, EndedWhy::SignedOut).await? {
            let act = Act::new(Some(user_id), Action::DeviceRemoved, "").after(json!({ "sign_in_id": sign_in_id }));
            changed = users::changed(&mut tx, user_id, act).await?;
        }
    }
    tx.commit().await?;
    Ok(changed::bare_answer(&state, changed).await)
}
