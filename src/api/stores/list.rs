//! All stores, or those whose code, name or region contains a text.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::{May, may},
    storage::catalogue::{self, Store},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    #[param(value_type = Option<String>)]
    pub query: Option<Text<60>>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    pub limit: Option<Limit>,
    pub cursor: Option<String>,
}

/// Stores, by code
#[utoipa::path(
    tag = "stores",
    params(SearchQuery),
    responses((status = 200, body = Page<Store>), (status = 403, body = ProblemBody)),
)]
#[get("/stores")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::SeeStores>,
    Params(query): Params<SearchQuery>,
) -> Result<web::Json<Page<Store>>, Problem> {
    let limit = limit_or_default(query.limit);
    let after: Option<String> = key_in(query.cursor.as_deref())?;
    let text = query.query.as_ref().map(Text::as_str);
    let mut db = state.connection().await?;
    let items = catalogue::stores(&mut db, text, session.area_of(), after.as_deref(), limit).await?;
    Ok(web::Json(Page::cut(items, limit, |store| store.code.clone())))
}
