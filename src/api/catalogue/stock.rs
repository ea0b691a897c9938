//! Stock of the warehouses by bucket; what is available may be pledged to a round.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::{May, may},
    domain::ids::WarehouseId,
    storage::catalogue::{self, StockItem},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    #[param(value_type = Option<String>)]
    warehouse_id: Option<WarehouseId>,
    /// Part of the SKU's code or name.
    #[param(value_type = Option<String>)]
    query: Option<Text<60>>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Stock of the warehouses, by SKU
#[utoipa::path(
    tag = "catalogue",
    params(StockQuery),
    responses((status = 200, body = Page<StockItem>), (status = 403, body = ProblemBody)),
)]
#[get("/stock")]
pub async fn stock(
    state: web::Data<ApiState>,
    _session: May<may::SeeStock>,
    Params(query): Params<StockQuery>,
) -> Result<web::Json<Page<StockItem>>, Problem> {
    let limit = limit_or_default(query.limit);
    let after: Option<(String, String)> = key_in(query.cursor.as_deref())?;
    let after = after.as_ref().map(|(sku, warehouse)| (sku.as_str(), warehouse.as_str()));
    let text = query.query.as_ref().map(Text::as_str);
    let mut db = state.connection().await?;
    let items = catalogue::stock(&mut db, query.warehouse_id, text, after, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |item| (item.sku.code.clone(), item.warehouse.code.clone()))))
}
