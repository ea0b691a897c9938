//! The shipment stands in the store's yard and waits to be counted.

use super::{Actor, Done, FulfilError, in_transit::move_on};
use crate::{
    domain::{ids::ShipmentId, order::ShipmentState},
    storage::Db,
};

pub async fn arrive(db: &Db, actor: Actor, shipment_id: ShipmentId) -> Result<Done, FulfilError> {
    move_on(db, actor, shipment_id, ShipmentState::Arrived, "ARRIVED").await
}
