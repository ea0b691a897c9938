//! The store counts what arrived: good units come onto its shelf, damaged ones in and out again, missing ones are written off.

use super::{
    Actor, Done, FulfilError, What,
    step::{Site, Step, matched},
};
use crate::{
    domain::{
        ids::{LineId, ReceiptId, ShipmentId},
        order::{DifferenceReason, MovementKind, OrderState, ShipmentState},
    },
    storage::{
        Db,
        orders::{self, Line, Named},
        shipments::{self, ReceiptLine},
        stock::{self, Bucket, Document},
    },
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedLine {
    pub line_id: LineId,
    /// In good order.
    pub received: i64,
    pub damaged: i64,
    /// `None`: it follows from the figures.
    pub reason: Option<DifferenceReason>,
}

/// `counted` names every line of the order once.
pub async fn receive(
    db: &Db,
    actor: Actor,
    shipment_id: ShipmentId,
    counted: &[CountedLine],
) -> Result<Done, FulfilError> {
    let mut step = Step::begin(db, actor, Named::Shipment(shipment_id)).await?;
    let lines = match receipt_lines(&step.order.lines, counted) {
        Ok(lines) => lines,
        Err(error) => return step.refuse(error).await,
    };
    if matches!(step.order.shipment_state, ShipmentState::Received | ShipmentState::ReceivedWithDifference) {
        let first = shipments::receipt_lines(step.tx(), shipment_id).await?;
        return if first == lines { step.known().await } else { step.refuse(FulfilError::AlreadyDone).await };
    }
    let differs = lines.iter().any(|line| line.reason.is_some());
    let (next, what) = if differs {
        (ShipmentState::ReceivedWithDifference, "RECEIVED_WITH_DIFFERENCE")
    } else {
        (ShipmentState::Received, "RECEIVED")
    };
    if !step.order.shipment_state.may_become(next) || !step.order.state.may_become(OrderState::Received) {
        let error = step.wrong_state();
        return step.refuse(error).await;
    }

    let receipt_id = ReceiptId::new();
    let document = Document::Receipt(receipt_id.0);
    let mut movements = Vec::new();
    let mut received = Vec::with_capacity(lines.len());
    for (line, counted) in step.order.lines.iter().zip(&lines) {
        let missing = counted.shipped - counted.received - counted.damaged;
        let mut book = |bucket, delta, kind| {
            if delta != 0 {
                movements.push(step.movement(Site::Store, line, bucket, delta, kind, document));
            }
        };
        book(Bucket::Inbound, -counted.received, MovementKind::TransferIn);
        book(Bucket::OnHand, counted.received, MovementKind::TransferIn);
        book(Bucket::Inbound, -counted.damaged, MovementKind::TransferIn);
        book(Bucket::OnHand, counted.damaged, MovementKind::TransferIn);
        book(Bucket::OnHand, -counted.damaged, MovementKind::Scrap);
        book(Bucket::Inbound, -missing, MovementKind::CountLoss);
        received.push(Line { received: counted.received, damaged: counted.damaged, ..*line });
    }
    let order_id = step.order.order_id;
    shipments::insert_receipt(step.tx(), receipt_id, shipment_id, actor.user_id, &lines).await?;
    orders::set_lines(step.tx(), order_id, &received).await?;
    step.become_(OrderState::Received, next).await?;
    stock::book(step.tx(), &movements).await?;
    step.finish(what, "").await
}

/// The receipt that follows from the count, in the order of the order's lines.
fn receipt_lines(lines: &[Line], counted: &[CountedLine]) -> Result<Vec<ReceiptLine>, FulfilError> {
    let parts = matched(lines, counted, |part| part.line_id)?;
    lines.iter().zip(parts).map(|(line, (place, part))| receipt_line(line, place, part)).collect()
}

fn receipt_line(line: &Line, place: usize, counted: &CountedLine) -> Result<ReceiptLine, FulfilError> {
    let bad = |field: &str, what| Err(FulfilError::bad(format!("/lines/{place}/{field}"), what));
    if counted.received > line.shipped {
        return bad("received", What::Above { max: line.shipped });
    }
    let missing = line.shipped - counted.received - counted.damaged;
    if missing < 0 {
        return bad("damaged", What::Above { max: line.shipped - counted.received });
    }
    let differs = counted.received < line.shipped;
    let reason = match counted.reason {
        Some(_) if !differs => return bad("reason", What::ReasonWithoutDifference),
        Some(DifferenceReason::Missing) if missing == 0 => return bad("reason", What::ReasonAgainstFigures),
        Some(DifferenceReason::Damaged) if counted.damaged == 0 => return bad("reason", What::ReasonAgainstFigures),
        Some(reason) => Some(reason),
        None if !differs => None,
        None if missing > 0 => Some(DifferenceReason::Missing),
        None => Some(DifferenceReason::Damaged),
    };
    Ok(ReceiptLine { line_id: line.line_id, shipped: line.shipped, received: counted.received, damaged: counted.damaged, reason })
}
