//! The carrier has it on the road.

use super::answer::shipment_after;
use crate::{
    api::{
        orders::answer::actor,
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::ShipmentId,
    fulfil,
    storage::order_views::ShipmentItem,
};
use actix_web::{post, web};

/// Mark a shipment as on the road
#[utoipa::path(
    tag = "shipments",
    params(("shipment_id" = String, Path)),
    responses(
        (status = 200, body = ShipmentItem),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`", body = ProblemBody),
    ),
)]
#[post("/shipments/{shipment_id}/in-transit")]
pub async fn in_transit(
    state: web::Data<ApiState>,
    session: May<may::Dispatch>,
    shipment_id: web::Path<ShipmentId>,
) -> Result<web::Json<ShipmentItem>, Problem> {
    fulfil::in_transit(&state.db, actor(&session), *shipment_id).await?;
    shipment_after(&state, *shipment_id).await.map(web::Json)
}
