//! Signing in with login and password.

use super::signed_in::{SignedIn, signed_in};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::{Text, secret},
    },
    auth::{password::PasswordError, refresh},
    domain::clock,
    storage::users,
};
use actix_web::{post, web};
use secrecy::SecretString;
use serde::Deserialize;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schema(value_type = String, max_length = 64)]
    login: Text<64>,
    /// 1 to 128 bytes.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    password: SecretString,
}

/// Sign in
#[utoipa::path(
    tag = "auth",
    request_body = Login,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "`bad_login`", body = ProblemBody),
    ),
)]
#[post("/auth/login")]
pub async fn login(state: web::Data<ApiState>, Body(said): Body<Login>) -> Result<web::Json<SignedIn>, Problem> {
    let mut db = state.connection().await?;
    let known = users::by_login(&mut db, said.login.as_str()).await?;
    // Checking takes a while: others may use the connection meanwhile.
    drop(db);
    let (user, hash) = known.map(|known| (known.user, known.password_hash)).unzip();
    let right = state.passwords.is_right(hash, said.password).await.map_err(|error| match error {
        PasswordError::Busy | PasswordError::CutOff => Problem::new(Kind::Overloaded).retry_after(1000).because(error),
        _ => Problem::new(Kind::Internal).because(error),
    })?;
    let user = user.filter(|_| right).ok_or(Kind::BadLogin)?;
    let mut db = state.connection().await?;
    let token = refresh::begin(&mut db, user.user_id, state.refresh, clock::now()).await?;
    signed_in(&state, user, token).map(web::Json)
}
