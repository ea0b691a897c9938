//! Sending somebody away: every device is signed out, and a login or a refresh that runs at this moment does not outlive it.

use super::{changed, reach};
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Reason,
    },
    auth::{May, may},
    domain::{account::UserStatus, admin_action::Action, ids::UserId, role::Role},
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

/// Disable a user
#[utoipa::path(
    tag = "users",
    params(("user_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 200, body = UserItem),
        (status = 202, body = UserItem, description = "It stands in the books; claims feel it as soon as Redis answers"),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: the last administrator", body = ProblemBody),
    ),
)]
#[post("/users/{user_id}/disable")]
pub async fn disable(
    state: web::Data<ApiState>,
    session: May<may::LookAfterUsers>,
    user_id: web::Path<UserId>,
    Body(said): Body<Reason>,
) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let others = user_edit::another_admin(&mut tx, *user_id).await?;
    let (mut tx, user) = reach::hold(tx, &session, *user_id).await?;
    if user.role == Role::Admin && user.status == UserStatus::Active && !others {
        return Err(reach::last_admin(tx).await);
    }
    let mut changed = None;
    if user.status != UserStatus::Disabled {
        user_edit::set_status(&mut tx, user.user_id, UserStatus::Disabled).await?;
        sign_ins::end_all(&mut tx, user.user_id, None, EndedWhy::Disabled).await?;
        identities::unbind_all(&mut tx, user.user_id).await?;
        let act = Act::new(Some(session.user_id), Action::Disabled, said.reason.as_str());
        changed = users::changed(&mut tx, user.user_id, act).await?;
    }
    let item = reach::finish(tx, user.user_id).await?;
    Ok(changed::answer(&state, changed, item).await)
}
