//! A new password for somebody who forgot theirs: told once, to whoever asked, and good only for choosing another.

use super::{
    changed,
    reach::{self, Why},
};
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, invite, lock_out, may},
    domain::{account::UserStatus, admin_action::Action, ids::UserId},
    storage::{
        Tx,
        admin_actions::Act,
        identities,
        sign_ins::{self, EndedWhy},
        user_edit,
        user_list::UserItem,
        users,
    },
};
use actix_web::{HttpResponse, post, web};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Reset {
    /// Shown this once. Tell it to the user; it has to be changed at the first sign-in.
    one_time_password: String,
    user: UserItem,
}

/// Reset a user's password
#[utoipa::path(
    tag = "users",
    params(("user_id" = String, Path)),
    request_body = Why,
    responses(
        (status = 200, body = Reset),
        (status = 202, body = Reset, description = "It stands in the books; claims feel it as soon as Redis answers"),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: not active", body = ProblemBody),
    ),
)]
#[post("/users/{user_id}/reset-password")]
pub async fn reset_password(
    state: web::Data<ApiState>,
    session: May<may::LookAfterUsers>,
    user_id: web::Path<UserId>,
    Body(said): Body<Why>,
) -> Result<HttpResponse, Problem> {
    // Whether it may be done at all is asked first: a password costs a tenth of a second of everybody's time.
    let (tx, _) = reach::hold(Tx::begin(&state.db).await?, &session, *user_id).await?;
    tx.rollback().await?;
    let one_time_password = invite::fresh();
    let hash = state.passwords.hashed(one_time_password.as_str().into()).await?;
    let (mut tx, user) = reach::hold(Tx::begin(&state.db).await?, &session, *user_id).await?;
    if user.status != UserStatus::Active {
        return Err(reach::wrong_status(tx, user.status).await);
    }
    user_edit::set_password(&mut tx, user.user_id, &hash, true).await?;
    sign_ins::end_all(&mut tx, user.user_id, None, EndedWhy::Password).await?;
    // Every way in ends with the old password, also one that somebody else may have bound.
    let unbound = identities::unbind_all(&mut tx, user.user_id).await?;
    // Most who ask for this have locked themselves out before.
    lock_out::lift(&mut tx, &user.login).await?;
    let act = Act::new(Some(session.user_id), Action::PasswordReset, said.text()).after(json!({ "unbound": unbound }));
    let changed = users::changed(&mut tx, user.user_id, act).await?;
    let user = reach::finish(tx, user.user_id).await?;
    Ok(changed::answer(&state, changed, Reset { one_time_password, user }).await)
}
