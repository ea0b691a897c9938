//! Signing out. The access token runs out by itself within minutes.

use super::refresh::Refresh;
use crate::{
    api::{body::Body, problem::Problem, state::ApiState},
    auth::refresh as tokens,
    domain::clock,
    storage::Tx,
};
use actix_web::{HttpResponse, post, web};

/// Sign out
#[utoipa::path(tag = "auth", request_body = Refresh, responses((status = 204)))]
#[post("/auth/logout")]
pub async fn logout(state: web::Data<ApiState>, Body(said): Body<Refresh>) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    tokens::end(&mut tx, said.refresh_token.as_str(), clock::now()).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
