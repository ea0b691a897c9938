//! Whether there is an administrator.

use crate::{
    api::{problem::Problem, state::ApiState},
    storage::first_start,
};
use actix_web::{get, web};
use serde::Serialize;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Setup {
    /// Nobody administrates: `POST /setup` makes the first administrator.
    needed: bool,
}

/// Whether an administrator has to be created
#[utoipa::path(tag = "setup", responses((status = 200, body = Setup)))]
#[get("/setup")]
pub async fn read(state: web::Data<ApiState>) -> Result<web::Json<Setup>, Problem> {
    let mut db = state.connection().await?;
    Ok(web::Json(Setup { needed: !first_start::has_admin(&mut db).await? }))
}
