//! One order with its lines and its timeline.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::OrderId,
    storage::order_views::{self, OrderDetail},
};
use actix_web::{get, web};

/// An order
#[utoipa::path(
    tag = "orders",
    params(("order_id" = String, Path)),
    responses((status = 200, body = OrderDetail), (status = 404, body = ProblemBody)),
)]
#[get("/orders/{order_id}")]
pub async fn read(
    state: web::Data<ApiState>,
    session: May<may::SeeOrders>,
    order_id: web::Path<OrderId>,
) -> Result<web::Json<OrderDetail>, Problem> {
    let mut db = state.connection().await?;
    let order = order_views::order(&mut db, *order_id, session.scope().store_id(), session.area_of()).await?;
    order.map(web::Json).ok_or(Kind::NotFound.into())
}
