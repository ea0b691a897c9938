//! The store counts what arrived.

use crate::{
    api::{
        body::Body,
        orders::answer::{actor, order_after},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Units,
    },
    auth::{StoreSession, may},
    domain::{
        ids::{LineId, ShipmentId},
        named,
        order::DifferenceReason,
    },
    fulfil::{self, CountedLine},
    storage::order_views::OrderDetail,
};
use actix_web::{post, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Every line of the shipment once.
    #[serde(deserialize_with = "named::all")]
    lines: Vec<ReceiptLine>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptLine {
    line_id: LineId,
    /// In good order.
    #[schema(value_type = i64, minimum = 0)]
    received: Units,
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 0)]
    damaged: Option<Units>,
    /// Why fewer were received than shipped; follows from the figures when it is left out.
    #[serde(default)]
    reason: Option<DifferenceReason>,
}

/// Receive a shipment
#[utoipa::path(
    tag = "shipments",
    params(("shipment_id" = String, Path)),
    request_body = Receipt,
    responses(
        (status = 200, body = OrderDetail),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state` or `already_done`", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/shipments/{shipment_id}/receive")]
pub async fn receive(
    state: web::Data<ApiState>,
    session: StoreSession<may::Receive>,
    shipment_id: web::Path<ShipmentId>,
    Body(said): Body<Receipt>,
) -> Result<web::Json<OrderDetail>, Problem> {
    let counted: Vec<CountedLine> = said
        .lines
        .iter()
        .map(|line| CountedLine {
            line_id: line.line_id,
            received: line.received.get(),
            damaged: line.damaged.map_or(0, Units::get),
            reason: line.reason,
        })
        .collect();
    let done = fulfil::receive(&state.db, actor(&session), *shipment_id, &counted).await?;
    order_after(&state, &session, done).await.map(web::Json)
}
