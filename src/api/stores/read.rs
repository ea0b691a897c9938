//! One store.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::StoreId,
    storage::catalogue::{self, Store},
};
use actix_web::{get, web};

/// A store
#[utoipa::path(
    tag = "stores",
    params(("store_id" = String, Path)),
    responses((status = 200, body = Store), (status = 404, body = ProblemBody)),
)]
#[get("/stores/{store_id}")]
pub async fn read(
    state: web::Data<ApiState>,
    session: May<may::SeeStores>,
    store_id: web::Path<StoreId>,
) -> Result<web::Json<Store>, Problem> {
    let mut db = state.connection().await?;
    catalogue::store(&mut db, *store_id, session.area_of()).await?.map(web::Json).ok_or(Kind::NotFound.into())
}
