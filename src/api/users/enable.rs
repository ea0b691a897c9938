//! Letting in again somebody who was sent away. The password is still theirs.

use super::reach::{self, Why};
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{account::UserStatus, admin_action::Action, ids::UserId},
    storage::{Tx, admin_actions::Act, user_edit, user_list::UserItem, users},
};
use actix_web::{post, web};

/// Enable a user
#[utoipa::path(
    tag = "users",
    params(("user_id" = String, Path)),
    request_body = Why,
    responses(
        (status = 200, body = UserItem),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: waits for approval", body = ProblemBody),
    ),
)]
#[post("/users/{user_id}/enable")]
pub async fn enable(
    state: web::Data<ApiState>,
    session: May<may::LookAfterUsers>,
    user_id: web::Path<UserId>,
    Body(said): Body<Why>,
) -> Result<web::Json<UserItem>, Problem> {
    let (mut tx, user) = reach::hold(Tx::begin(&state.db).await?, &session, *user_id).await?;
    match user.status {
        UserStatus::Active => {}
        UserStatus::Pending => return Err(reach::wrong_status(tx, user.status).await),
        UserStatus::Disabled => {
            user_edit::set_status(&mut tx, user.user_id, UserStatus::Active).await?;
            let act = Act::new(Some(session.user_id), Action::Enabled, said.text());
            users::noted(&mut tx, user.user_id, act).await?;
        }
    }
    reach::finish(tx, user.user_id).await.map(web::Json)
}
