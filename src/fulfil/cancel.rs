//! An order is taken back before anything was dispatched: its units go back and are not offered again in this round. A
//! store may do so once the round is over: else it could win and cancel until nothing is left for anybody.

use super::{
    Actor, Done, FulfilError,
    step::{Site, Step},
};
use crate::{
    domain::{
        ids::OrderId,
        order::{MovementKind, OrderState, ShipmentState},
    },
    storage::{
        Db,
        orders::{self, Line, Named},
        stock::{self, Bucket, Document},
    },
};

pub async fn cancel(db: &Db, actor: Actor, order_id: OrderId, reason: &str) -> Result<Done, FulfilError> {
    let mut step = Step::begin(db, actor, Named::Order(order_id)).await?;
    if step.order.state == OrderState::Cancelled {
        return step.known().await;
    }
    if !step.order.state.may_become(OrderState::Cancelled)
        || !step.order.shipment_state.may_become(ShipmentState::Cancelled)
    {
        let error = step.wrong_state();
        return step.refuse(error).await;
    }

    if actor.store_id.is_some() && orders::round_runs(step.tx(), order_id).await? {
        return step.refuse(FulfilError::RoundRuns).await;
    }
    let cancelled: Vec<Line> = step.order.lines.iter().map(|line| Line { cancelled: line.ordered, ..*line }).collect();
    let mut movements = Vec::new();
    let document = Document::Order(order_id.0);
    for line in &cancelled {
        for (site, bucket) in [(Site::Warehouse, Bucket::Allocated), (Site::Store, Bucket::Inbound)] {
            movements.push(step.movement(site, line, bucket, -line.cancelled, MovementKind::Release, document));
        }
    }
    let units: Vec<_> = cancelled.iter().map(|line| (line.line_id, line.cancelled)).collect();
    step.release(&units).await?;
    orders::set_lines(step.tx(), order_id, &cancelled).await?;
    step.become_(OrderState::Cancelled, ShipmentState::Cancelled).await?;
    stock::book(step.tx(), &movements).await?;
    step.finish("CANCELLED", reason).await
}
