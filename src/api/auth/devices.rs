//! Where one is signed in, and where one was until lately.

use crate::{
    api::{
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::Holder,
    domain::clock,
    storage::sign_ins::{self, Device},
};
use actix_web::{get, web};
use chrono::Duration;
use serde::Serialize;

/// How long a device that was signed out stays in the list: long enough to notice what one did not do oneself.
const ENDED_SHOWN: Duration = Duration::days(7);

#[derive(Serialize, utoipa::ToSchema)]
pub struct Devices {
    items: Vec<Device>,
}

/// My devices
#[utoipa::path(tag = "auth", responses((status = 200, body = Devices), (status = 401, body = ProblemBody)))]
#[get("/auth/devices")]
pub async fn devices(state: web::Data<ApiState>, holder: Holder) -> Result<web::Json<Devices>, Problem> {
    let now = clock::now();
    let (user_id, own) = (holder.session.user_id, holder.terms.sign_in_id);
    let mut db = state.connection().await?;
    let items = sign_ins::devices(&mut db, user_id, own, now - ENDED_SHOWN, now - state.refresh).await?;
    Ok(web::Json(Devices { items }))
}
