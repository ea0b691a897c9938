//! The warehouse hands an order to the carrier. What it does not ship goes back and is cancelled.

use super::{
    Actor, Done, FulfilError, What,
    step::{Site, Step, matched},
};
use crate::{
    domain::{
        ids::{LineId, ShipmentId},
        order::{MovementKind, OrderState, ShipmentState},
    },
    storage::{
        Db,
        orders::{self, Line, Named},
        shipments,
        stock::{self, Bucket, Document},
    },
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    pub carrier: String,
    pub tracking_no: String,
    /// Every line once; `None`: everything that was ordered.
    pub lines: Option<Vec<ShippedLine>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShippedLine {
    pub line_id: LineId,
    pub shipped: i64,
}

pub async fn dispatch(db: &Db, actor: Actor, shipment_id: ShipmentId, said: &Dispatch) -> Result<Done, FulfilError> {
    let mut step = Step::begin(db, actor, Named::Shipment(shipment_id)).await?;
    let shipped = match shipped(&step.order.lines, said) {
        Ok(shipped) => shipped,
        Err(error) => return step.refuse(error).await,
    };
    if step.order.shipment_state != ShipmentState::Planned {
        return repeated(step, said, &shipped).await;
    }
    if !step.order.state.may_become(OrderState::Shipped) {
        let error = step.wrong_state();
        return step.refuse(error).await;
    }

    let mut movements = Vec::new();
    let mut rest = Vec::new();
    let document = Document::Shipment(shipment_id.0);
    for line in &shipped {
        let mut book = |site, bucket, delta, kind| {
            if delta != 0 {
                movements.push(step.movement(site, line, bucket, delta, kind, document));
            }
        };
        book(Site::Warehouse, Bucket::Allocated, -line.shipped, MovementKind::Issue);
        book(Site::Warehouse, Bucket::OnHand, -line.shipped, MovementKind::Issue);
        book(Site::Warehouse, Bucket::Allocated, -line.cancelled, MovementKind::Release);
        book(Site::Store, Bucket::Inbound, -line.cancelled, MovementKind::Release);
        if line.cancelled > 0 {
            rest.push((line.line_id, line.cancelled));
        }
    }
    if !rest.is_empty() {
        step.release(&rest).await?;
    }
    let order_id = step.order.order_id;
    orders::set_lines(step.tx(), order_id, &shipped).await?;
    shipments::set_carrier(step.tx(), shipment_id, &said.carrier, &said.tracking_no).await?;
    step.become_(OrderState::Shipped, ShipmentState::Dispatched).await?;
    stock::book(step.tx(), &movements).await?;
    step.finish("DISPATCHED", &format!("{} {}", said.carrier, said.tracking_no)).await
}

/// The lines as they stand after this dispatch.
fn shipped(lines: &[Line], said: &Dispatch) -> Result<Vec<Line>, FulfilError> {
    let Some(parts) = &said.lines else {
        return Ok(lines.iter().map(|line| Line { shipped: line.ordered, cancelled: 0, ..*line }).collect());
    };
    let parts = matched(lines, parts, |part| part.line_id)?;
    let mut shipped = Vec::with_capacity(lines.len());
    for (line, (place, part)) in lines.iter().zip(parts) {
        if part.shipped > line.ordered {
            return Err(FulfilError::bad(format!("/lines/{place}/shipped"), What::Above { max: line.ordered }));
        }
        shipped.push(Line { shipped: part.shipped, cancelled: line.ordered - part.shipped, ..*line });
    }
    if shipped.iter().all(|line| line.shipped == 0) {
        return Err(FulfilError::bad("/lines", What::NothingShipped));
    }
    Ok(shipped)
}

/// A dispatch that was already made is confirmed when it said the same, whatever has happened to the shipment since.
async fn repeated(step: Step, said: &Dispatch, shipped: &[Line]) -> Result<Done, FulfilError> {
    let order = &step.order;
    let was_made = !matches!(order.shipment_state, ShipmentState::Planned | ShipmentState::Cancelled);
    let same = order.carrier.as_deref() == Some(said.carrier.as_str())
        && order.tracking_no.as_deref() == Some(said.tracking_no.as_str())
        && order.lines.iter().zip(shipped).all(|(was, now)| was.shipped == now.shipped);
    match (was_made, same) {
        (true, true) => step.known().await,
        (true, false) => step.refuse(FulfilError::AlreadyDone).await,
        (false, _) => {
            let error = step.wrong_state();
            step.refuse(error).await
        }
    }
}
