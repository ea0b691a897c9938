//! What is to be dispatched, and what is on its way.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        words::Words,
    },
    auth::{May, may},
    domain::{ids::WarehouseId, order::ShipmentState},
    storage::order_views::{self, ShipmentFilter, ShipmentItem},
};
use actix_web::{get, web};
use serde::{Deserialize, de::value};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShipmentQuery {
    /// One state or several, joined by commas: `PLANNED,DISPATCHED`.
    state: Option<String>,
    #[param(value_type = Option<String>)]
    warehouse_id: Option<WarehouseId>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Shipments, oldest first
#[utoipa::path(
    tag = "shipments",
    params(ShipmentQuery),
    responses((status = 200, body = Page<ShipmentItem>), (status = 403, body = ProblemBody)),
)]
#[get("/shipments")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::SeeShipments>,
    Params(query): Params<ShipmentQuery>,
) -> Result<web::Json<Page<ShipmentItem>>, Problem> {
    let limit = limit_or_default(query.limit);
    let filter = ShipmentFilter {
        shipment_id: None,
        states: states(query.state.as_deref())?,
        warehouse_id: query.warehouse_id,
        area_of: session.area_of(),
        after: key_in(query.cursor.as_deref())?,
    };
    let mut db = state.connection().await?;
    let items = order_views::shipments(&mut db, &filter, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |item| item.shipment.shipment_id)))
}

fn states(text: Option<&str>) -> Result<Vec<ShipmentState>, Problem> {
    let read = |name| ShipmentState::deserialize(value::StrDeserializer::<value::Error>::new(name));
    let states = text.into_iter().flat_map(|text| text.split(',')).map(read).collect::<Result<_, _>>();
    states.map_err(|_| Problem::invalid("?state", Words::fixed("没有这个状态。", "There is no such state.")))
}
