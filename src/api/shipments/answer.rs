//! What the warehouse is answered: the shipment as it stands now.

use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
    },
    domain::ids::ShipmentId,
    storage::order_views::{self, ShipmentFilter, ShipmentItem},
};

pub async fn shipment_after(state: &ApiState, shipment_id: ShipmentId) -> Result<ShipmentItem, Problem> {
    let mut db = state.connection().await?;
    let filter = ShipmentFilter { shipment_id: Some(shipment_id), ..ShipmentFilter::default() };
    order_views::shipments(&mut db, &filter, 1).await?.pop().ok_or(Kind::NotFound.into())
}
