//! Taking an order back before anything was dispatched.

use super::answer::{actor, order_after};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Reason,
    },
    auth::{May, may},
    domain::ids::OrderId,
    fulfil,
    storage::order_views::{self, OrderDetail},
};
use actix_web::{post, web};

/// Cancel an order
#[utoipa::path(
    tag = "orders",
    params(("order_id" = String, Path)),
    request_body = Reason,
    responses(
        (status = 200, body = OrderDetail),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: it was dispatched; or, for a store, its round still runs", body = ProblemBody),
    ),
)]
#[post("/orders/{order_id}/cancel")]
pub async fn cancel(
    state: web::Data<ApiState>,
    session: May<may::CancelOrder>,
    order_id: web::Path<OrderId>,
    Body(said): Body<Reason>,
) -> Result<web::Json<OrderDetail>, Problem> {
    if let Some(user_id) = session.area_of() {
        let mut db = state.connection().await?;
        let seen = order_views::order(&mut db, *order_id, None, Some(user_id)).await?;
        seen.ok_or(Kind::NotFound)?;
    }
    let done = fulfil::cancel(&state.db, actor(&session), *order_id, said.reason.as_str()).await?;
    order_after(&state, &session, done).await.map(web::Json)
}
