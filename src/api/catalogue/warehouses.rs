//! Where the chain's stock lies. There are a few, so they come in one piece.

use crate::{
    api::{
        page::Page,
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    storage::catalogue::{self, Warehouse},
};
use actix_web::{get, web};

/// Warehouses, by code
#[utoipa::path(
    tag = "catalogue",
    responses((status = 200, body = Page<Warehouse>), (status = 403, body = ProblemBody)),
)]
#[get("/warehouses")]
pub async fn warehouses(
    state: web::Data<ApiState>,
    _session: May<may::SeeCatalogue>,
) -> Result<web::Json<Page<Warehouse>>, Problem> {
    let mut db = state.connection().await?;
    let items = catalogue::warehouses(&mut db).await?;
    Ok(web::Json(Page { items, next_cursor: None }))
}
