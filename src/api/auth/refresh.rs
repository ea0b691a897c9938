//! Staying signed in: a refresh token is traded for its successor and a new access token.

use super::signed_in::{SignedIn, signed_in};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::refresh as tokens,
    domain::clock,
    storage::users,
};
use actix_web::{post, web};
use serde::Deserialize;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    #[schema(value_type = String)]
    pub refresh_token: Text<256>,
}

/// Trade a refresh token for new tokens
#[utoipa::path(
    tag = "auth",
    request_body = Refresh,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "`sign_in`", body = ProblemBody),
    ),
)]
#[post("/auth/refresh")]
pub async fn refresh(state: web::Data<ApiState>, Body(said): Body<Refresh>) -> Result<web::Json<SignedIn>, Problem> {
    let mut db = state.connection().await?;
    let traded = tokens::rotate(&mut db, said.refresh_token.as_str(), state.refresh, clock::now()).await?;
    let (user_id, token) = traded.ok_or(Kind::SignIn)?;
    // Somebody who was sent away since is not let in again.
    let Some(user) = users::by_id(&mut db, user_id).await? else {
        tokens::end(&mut db, &token).await?;
        return Err(Kind::SignIn.into());
    };
    signed_in(&state, user, token).map(web::Json)
}
