//! The newest orders: a store's own, or the chain's.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{ids::RoundId, order::OrderState},
    storage::order_views::{self, OrderFilter, OrderItem},
};
use actix_web::{get, web};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    state: Option<OrderState>,
    #[param(value_type = Option<String>)]
    round_id: Option<RoundId>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct OrderPage {
    #[serde(flatten)]
    page: Page<OrderItem>,
    /// For store people: the list is at least as new as this event of their store.
    #[serde(skip_serializing_if = "Option::is_none")]
    store_seq: Option<i64>,
}

/// Orders, newest first
#[utoipa::path(
    tag = "orders",
    params(OrderQuery),
    responses((status = 200, body = OrderPage), (status = 403, body = ProblemBody)),
)]
#[get("/orders")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::SeeOrders>,
    Params(query): Params<OrderQuery>,
) -> Result<web::Json<OrderPage>, Problem> {
    let limit = limit_or_default(query.limit);
    let filter = OrderFilter {
        store_id: session.scope().store_id(),
        area_of: session.area_of(),
        state: query.state,
        round_id: query.round_id,
        before: key_in(query.cursor.as_deref())?,
    };
    let mut db = state.connection().await?;
    let store_seq = match filter.store_id {
        Some(store_id) => Some(order_views::store_seq(&mut db, store_id).await?),
        None => None,
    };
    let items = order_views::orders(&mut db, filter, limit).await?;
    Ok(web::Json(OrderPage { page: Page::cut(items, limit, |order| order.order_id), store_seq }))
}
