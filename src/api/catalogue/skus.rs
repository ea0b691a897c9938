//! The goods of the chain.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::{May, may},
    storage::catalogue::{self, Sku},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SkuQuery {
    /// Part of the code, the name or the barcode.
    #[param(value_type = Option<String>)]
    query: Option<Text<60>>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// SKUs, by code
#[utoipa::path(
    tag = "catalogue",
    params(SkuQuery),
    responses((status = 200, body = Page<Sku>), (status = 403, body = ProblemBody)),
)]
#[get("/skus")]
pub async fn skus(
    state: web::Data<ApiState>,
    _session: May<may::SeeCatalogue>,
    Params(query): Params<SkuQuery>,
) -> Result<web::Json<Page<Sku>>, Problem> {
    let limit = limit_or_default(query.limit);
    let after: Option<String> = key_in(query.cursor.as_deref())?;
    let text = query.query.as_ref().map(Text::as_str);
    let mut db = state.connection().await?;
    let items = catalogue::skus(&mut db, text, after.as_deref(), limit).await?;
    Ok(web::Json(Page::cut(items, limit, |sku| sku.code.clone())))
}
