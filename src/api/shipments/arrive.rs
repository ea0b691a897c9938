//! It stands in the store's yard.

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

/// Mark a shipment as arrived
#[utoipa::path(
    tag = "shipments",
    params(("shipment_id" = String, Path)),
    responses(
        (status = 200, body = ShipmentItem),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`", body = ProblemBody),
    ),
)]
#[post("/shipments/{shipment_id}/arrive")]
pub async fn arrive(
    state: web::Data<ApiState>,
    session: May<may::Dispatch>,
    shipment_id: web::Path<ShipmentId>,
) -> Result<web::Json<ShipmentItem>, Problem> {
    fulfil::arrive(&state.db, actor(&session), *shipment_id).await?;
    shipment_after(&state, *shipment_id).await.map(web::Json)
}
