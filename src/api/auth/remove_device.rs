//! Signing out one of one's own devices from another.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        users::changed,
    },
    auth::Holder,
    domain::{admin_action::Action, ids::SignInId},
    storage::{
        Tx,
        admin_actions::Act,
        sign_ins::{self, EndedWhy},
        user_edit, users,
    },
};
use actix_web::{HttpResponse, delete, web};
use serde_json::json;

/// Sign out a device of mine
#[utoipa::path(
    tag = "auth",
    params(("sign_in_id" = String, Path)),
    responses((status = 204), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)),
)]
#[delete("/auth/devices/{sign_in_id}")]
pub async fn remove_device(
    state: web::Data<ApiState>,
    holder: Holder,
    sign_in_id: web::Path<SignInId>,
) -> Result<HttpResponse, Problem> {
    let (user_id, sign_in_id) = (holder.session.user_id, *sign_in_id);
    let mut tx = Tx::begin(&state.db).await?;
    user_edit::hold(&mut tx, user_id).await?;
    if !sign_ins::end(&mut tx, user_id, sign_in_id, EndedWhy::Removed).await? {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    }
    let act = Act::new(Some(user_id), Action::DeviceRemoved, "").after(json!({ "sign_in_id": sign_in_id }));
    let changed = users::changed(&mut tx, user_id, act).await?;
    tx.commit().await?;
    changed::felt(&state, changed).await;
    Ok(HttpResponse::NoContent().finish())
}
