//! What somebody gets who signed in.

use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
    },
    auth::{Person, Terms},
    domain::{clock, ids::SignInId},
    storage::users::User,
};
use actix_web::{HttpRequest, http::header};
use serde::Serialize;

#[derive(Serialize, utoipa::ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// For `POST /auth/refresh`, once.
    refresh_token: String,
    /// Of the access token.
    expires_in_s: i64,
    /// The tokens are good for `POST /auth/password` and nothing else.
    must_change_password: bool,
    user: User,
}

pub fn signed_in(
    state: &ApiState,
    user: User,
    sign_in_id: SignInId,
    refresh_token: String,
) -> Result<SignedIn, Problem> {
    let who = Person {
        user_id: user.user_id,
        role: user.role,
        store_id: user.store.as_ref().map(|store| store.store_id),
        pool: user.pool.clone(),
        auth_version: user.auth_version,
    };
    let must_change_password = user.must_change_password;
    let terms = Terms { sign_in_id: Some(sign_in_id), must_change_password };
    let (access_token, _) = state
        .tokens
        .issue_under(&who, terms, clock::now())
        .map_err(|error| Problem::new(Kind::Internal).because(error))?;
    let expires_in_s = state.tokens.access_seconds();
    Ok(SignedIn { access_token, refresh_token, expires_in_s, must_change_password, user })
}

/// What a device calls itself, as far as a list can show it.
pub fn label_of(req: &HttpRequest) -> String {
    const CHARS_MAX: usize = 200;
    let name = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    name.chars().filter(|sign| !sign.is_control()).take(CHARS_MAX).collect()
}
