//! Signing out. The access token runs out by itself within minutes.

use super::refresh::Refresh;
use crate::{
    api::{body::Body, problem::Problem, state::ApiState},
    auth::refresh as tokens,
};
use actix_web::{HttpResponse, post, web};

/// Sign out
#[utoipa::path(tag = "auth", request_body = Refresh, responses((status = 204)))]
#[post("/auth/logout")]
pub async fn logout(state: web::Data<ApiState>, Body(said): Body<Refresh>) -> Result<HttpResponse, Problem> {
    let mut db = state.connection().await?;
    tokens::end(&mut db, said.refresh_token.as_str()).await?;
    Ok(HttpResponse::NoContent().finish())
}
