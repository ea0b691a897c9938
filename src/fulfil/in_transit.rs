//! The carrier has it on the road.

use super::{Actor, Done, FulfilError, step::Step};
use crate::{
    domain::{ids::ShipmentId, order::ShipmentState},
    storage::{Db, orders::Named},
};

pub async fn in_transit(db: &Db, actor: Actor, shipment_id: ShipmentId) -> Result<Done, FulfilError> {
    move_on(db, actor, shipment_id, ShipmentState::InTransit, "IN_TRANSIT").await
}

/// A step of the shipment alone: the order stays shipped and no stock moves.
pub(super) async fn move_on(
    db: &Db,
    actor: Actor,
    shipment_id: ShipmentId,
    next: ShipmentState,
    what: &str,
) -> Result<Done, FulfilError> {
    let mut step = Step::begin(db, actor, Named::Shipment(shipment_id)).await?;
    if step.order.shipment_state == next {
        return step.known().await;
    }
    if !step.order.shipment_state.may_become(next) {
        let error = step.wrong_state();
        return step.refuse(error).await;
    }
    let order = step.order.state;
    step.become_(order, next).await?;
    step.finish(what, "").await
}
