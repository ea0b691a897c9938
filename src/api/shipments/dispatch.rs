//! The warehouse hands a shipment to the carrier.

use super::answer::shipment_after;
use crate::{
    api::{
        body::Body,
        orders::answer::actor,
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::{Text, Units},
    },
    auth::{May, may},
    domain::{
        ids::{LineId, ShipmentId},
        named,
    },
    fulfil,
    storage::order_views::ShipmentItem,
};
use actix_web::{post, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dispatch {
    #[schema(value_type = String, max_length = 60)]
    carrier: Text<60>,
    #[schema(value_type = String, max_length = 60)]
    tracking_no: Text<60>,
    /// Every line once, when less than everything is shipped; the rest is cancelled.
    #[serde(default, deserialize_with = "named::all_or_none")]
    lines: Option<Vec<DispatchLine>>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchLine {
    line_id: LineId,
    #[schema(value_type = i64, minimum = 0)]
    shipped: Units,
}

/// Dispatch a shipment
#[utoipa::path(
    tag = "shipments",
    params(("shipment_id" = String, Path)),
    request_body = Dispatch,
    responses(
        (status = 200, body = ShipmentItem),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state` or `already_done`", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/shipments/{shipment_id}/dispatch")]
pub async fn dispatch(
    state: web::Data<ApiState>,
    session: May<may::Dispatch>,
    shipment_id: web::Path<ShipmentId>,
    Body(said): Body<Dispatch>,
) -> Result<web::Json<ShipmentItem>, Problem> {
    let lines = said.lines.map(|lines| {
        let line = |line: DispatchLine| fulfil::ShippedLine { line_id: line.line_id, shipped: line.shipped.get() };
        lines.into_iter().map(line).collect()
    });
    let said = fulfil::Dispatch {
        carrier: said.carrier.as_str().to_owned(),
        tracking_no: said.tracking_no.as_str().to_owned(),
        lines,
    };
    fulfil::dispatch(&state.db, actor(&session), *shipment_id, &said).await?;
    shipment_after(&state, *shipment_id).await.map(web::Json)
}
