//! Who one is, where, and what time it is there.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::Session,
    domain::{
        clock::{self, UnixMs},
        provider::Provider,
    },
    storage::{catalogue, catalogue::Chain, identities, users, users::User},
};
use actix_web::{get, web};
use serde::Serialize;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Me {
    #[serde(flatten)]
    user: User,
    server_time_ms: UnixMs,
    chain: Chain,
    /// Which other houses may say that it is you.
    bound: Vec<Provider>,
}

/// Who I am
#[utoipa::path(
    tag = "auth",
    responses((status = 200, body = Me), (status = 401, description = "`sign_in`", body = ProblemBody)),
)]
#[get("/me")]
pub async fn me(state: web::Data<ApiState>, session: Session) -> Result<web::Json<Me>, Problem> {
    let mut db = state.connection().await?;
    let user = users::by_id(&mut db, session.user_id, session.store_id).await?.ok_or(Kind::SignIn)?;
    let chain = catalogue::chain(&mut db).await?.ok_or(Kind::Internal)?;
    let bound = identities::of_user(&mut db, session.user_id).await?;
    Ok(web::Json(Me { user, server_time_ms: clock::now_ms(), chain, bound }))
}
