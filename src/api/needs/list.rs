//! The list that an allocator begins with: who needs what most, and why.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::{Int, Text},
    },
    auth::{May, may},
    domain::ids::{SkuId, StoreId},
    storage::{
        Tx,
        need_views::{self, NeedFilter, NeedItem, NeedSort},
    },
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeedQuery {
    /// With a store or a SKU named, pairs that need nothing are listed too.
    #[param(value_type = Option<String>)]
    store_id: Option<StoreId>,
    #[param(value_type = Option<String>)]
    sku_id: Option<SkuId>,
    /// A region's whole name.
    #[param(value_type = Option<String>, max_length = 60, example = "华东")]
    region: Option<Text<60>>,
    /// A category's whole name.
    #[param(value_type = Option<String>, max_length = 60, example = "饮料")]
    category: Option<Text<60>>,
    /// In basis points, 0 to 10,000.
    #[param(value_type = Option<i64>, minimum = 0, maximum = 10_000, example = 4000)]
    min_score: Option<Int<0, 10_000>>,
    #[serde(default)]
    #[param(inline)]
    sort: NeedSort,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Who needs what most
///
/// From the newest run that is done; empty before the first. Store people see their own store, supervisors with regions
/// theirs. A cursor goes on in its own sort order; when a new run is done meanwhile, it goes on in that.
#[utoipa::path(
    tag = "needs",
    params(NeedQuery),
    responses((status = 200, body = Page<NeedItem>), (status = 403, body = ProblemBody)),
)]
#[get("/needs")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::SeeNeeds>,
    Params(query): Params<NeedQuery>,
) -> Result<web::Json<Page<NeedItem>>, Problem> {
    let limit = limit_or_default(query.limit);
    let after: Option<(i64, StoreId, SkuId)> = key_in(query.cursor.as_deref())?;
    let own = session.scope().store_id();
    // Another store than one's own has nothing to show: not even whether it exists.
    if own.is_some() && query.store_id.is_some() && query.store_id != own {
        return Ok(web::Json(Page { items: Vec::new(), next_cursor: None }));
    }
    let store_id = own.or(query.store_id);
    let filter = NeedFilter {
        store_id,
        sku_id: query.sku_id,
        region: query.region.as_ref().map(Text::as_str),
        category: query.category.as_ref().map(Text::as_str),
        min_score_bp: query.min_score.map_or(0, Int::get),
        all: store_id.is_some() || query.sku_id.is_some(),
        area_of: session.area_of(),
        after,
    };
    let mut tx = Tx::begin(&state.db).await?;
    let items = need_views::list(&mut tx, query.sort, filter, limit).await?;
    tx.commit().await?;
    Ok(web::Json(Page::cut(items, limit, |item| item.key(query.sort))))
}
