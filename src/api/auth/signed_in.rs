//! What somebody gets who signed in.

use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
    },
    auth::Person,
    domain::clock,
    storage::users::User,
};
use serde::Serialize;

#[derive(Serialize, utoipa::ToSchema)]
pub struct SignedIn {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// For `POST /auth/refresh`, once.
    refresh_token: String,
    /// Of the access token.
    expires_in_s: i64,
    user: User,
}

pub fn signed_in(state: &ApiState, user: User, refresh_token: String) -> Result<SignedIn, Problem> {
    let who = Person {
        user_id: user.user_id,
        role: user.role,
        store_id: user.store.as_ref().map(|store| store.store_id),
        pool: user.pool.clone(),
        auth_version: user.auth_version,
    };
    let (access_token, _) =
        state.tokens.issue(&who, clock::now()).map_err(|error| Problem::new(Kind::Internal).because(error))?;
    Ok(SignedIn { access_token, refresh_token, expires_in_s: state.tokens.access_seconds(), user })
}
