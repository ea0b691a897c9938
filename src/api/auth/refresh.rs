//! Staying signed in: a refresh token is traded for its successor and a new access token.

use super::signed_in::{SignedIn, signed_in};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        users::changed,
        values::Text,
    },
    auth::refresh::{self as tokens, Traded},
    domain::{
        admin_action::Action,
        clock,
        ids::{SignInId, UserId},
    },
    storage::{
        Tx,
        admin_actions::Act,
        sign_ins::{self, EndedWhy},
        users,
    },
};
use actix_web::{post, web};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[schema(value_type = String)]
    pub refresh_token: Text<256>,
    /// Made by the client for one trade and kept until its answer is there. Asked again with the same attempt, because the
    /// answer was lost, it gets the same tokens; a token that is shown again without it counts as stolen.
    #[serde(default)]
    attempt_id: Option<Uuid>,
}

/// Trade a refresh token for new tokens
#[utoipa::path(
    tag = "auth",
    request_body = Refresh,
    responses(
        (status = 200, body = SignedIn),
        (
            status = 401,
            description = "`sign_in`; `token_reused`: it was traded before, so this device was signed out",
            body = ProblemBody,
        ),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/auth/refresh")]
pub async fn refresh(state: web::Data<ApiState>, Body(said): Body<Refresh>) -> Result<web::Json<SignedIn>, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let token = said.refresh_token.as_str();
    match tokens::trade(&mut tx, token, said.attempt_id, state.refresh, clock::now()).await? {
        Traded::For { user_id, sign_in_id, store_id, token } => {
            let Some(user) = users::by_id(&mut tx, user_id, store_id).await? else {
                // Somebody who was sent away since is not let in again.
                sign_ins::end(&mut tx, user_id, sign_in_id, EndedWhy::Disabled).await?;
                tx.commit().await?;
                return Err(Kind::SignIn.into());
            };
            tx.commit().await?;
            signed_in(&state, user, sign_in_id, token).map(web::Json)
        }
        Traded::Unknown => {
            tx.rollback().await?;
            Err(Kind::SignIn.into())
        }
        Traded::Reused { user_id, sign_in_id } => {
            tx.commit().await?;
            tell_theft(&state, user_id, sign_in_id).await?;
            Err(Kind::TokenReused.into())
        }
    }
}

/// In a transaction of its own: the sign-in has ended whatever becomes of this, and users are locked before sign-ins
/// everywhere else.
async fn tell_theft(state: &ApiState, user_id: UserId, sign_in_id: SignInId) -> Result<(), Problem> {
    tracing::warn!(%user_id, %sign_in_id, "a refresh token was shown twice; its device was signed out");
    let act = Act::new(None, Action::TokenReused, "").after(serde_json::json!({ "sign_in_id": sign_in_id }));
    let mut tx = Tx::begin(&state.db).await?;
    let changed = users::changed(&mut tx, user_id, act).await?;
    tx.commit().await?;
    changed::felt(state, changed).await;
    Ok(())
}
