//! What every verb has in common: who acts, the locked order, and the end of the transaction.

use super::{FulfilError, What};
use crate::{
    domain::{
        clock::UnixMs,
        event::{Effect, OrderChanged, ReleasedLine, StoreEvent},
        ids::{LineId, OrderId, PoolId, StoreId, UserId},
        order::{MovementKind, OrderState, ShipmentState},
    },
    storage::{
        Db, Tx,
        orders::{self, Line, Locked, Named},
        outbox::{self, NewRow},
        stock::{Bucket, Document, Movement},
    },
};
use std::collections::HashMap;

/// Who does it, and for whom: store people act on their own store's things only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub user_id: UserId,
    pub store_id: Option<StoreId>,
}

/// What came of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    pub order_id: OrderId,
    pub pool_id: PoolId,
    /// The newest outbox row, to be hinted; `None` when all of it had been done before.
    pub outbox_number: Option<i64>,
}

/// One verb on one order, from its locks to its commit.
pub(super) struct Step {
    tx: Tx,
    pub order: Locked,
    actor: Actor,
    effects: Vec<NewRow>,
}

impl Step {
    pub async fn begin(db: &Db, actor: Actor, named: Named) -> Result<Self, FulfilError> {
        let mut tx = Tx::begin(db).await?;
        match orders::lock(&mut tx, named, actor.store_id).await? {
            Some(order) => Ok(Self { tx, order, actor, effects: Vec::new() }),
            None => {
                tx.rollback().await?;
                Err(FulfilError::NotFound)
            }
        }
    }

    pub fn tx(&mut self) -> &mut sqlx::PgConnection {
        &mut self.tx
    }

    /// Nothing is changed: it was done before in just this way.
    pub async fn known(self) -> Result<Done, FulfilError> {
        self.tx.rollback().await?;
        Ok(Done { order_id: self.order.order_id, pool_id: self.order.pool_id, outbox_number: None })
    }

    /// Nothing is changed, and why.
    pub async fn refuse(self, error: FulfilError) -> Result<Done, FulfilError> {
        self.tx.rollback().await?;
        Err(error)
    }

    pub fn wrong_state(&self) -> FulfilError {
        FulfilError::WrongState { order: self.order.state, shipment: self.order.shipment_state }
    }

    pub fn movement(&self, at: Site, line: &Line, bucket: Bucket, delta: i64, kind: MovementKind, document: Document) -> Movement {
        let site_id = match at {
            Site::Warehouse => self.order.warehouse_id.0,
            Site::Store => self.order.store_id.0,
        };
        Movement { site_id, sku_id: line.sku_id, bucket, delta, kind, document, by_user: Some(self.actor.user_id) }
    }

    /// Moves order and shipment on, as their state machines allow.
    pub async fn become_(&mut self, order: OrderState, shipment: ShipmentState) -> Result<(), FulfilError> {
        let id = self.order.order_id;
        if order != self.order.state {
            orders::set_state(&mut self.tx, id, order).await?;
            self.order.state = order;
        }
        crate::storage::shipments::set_state(&mut self.tx, self.order.shipment_id, shipment).await?;
        self.order.shipment_state = shipment;
        Ok(())
    }

    /// Units that nobody will ship go back: to `returned` of the offer line, never to what is left of it, and off what the
    /// store has taken, by an effect that the pool's writer applies to Redis in its turn.
    pub async fn release(&mut self, units: &[(LineId, i64)]) -> Result<(), FulfilError> {
        orders::give_back(&mut self.tx, units).await?;
        let prices: HashMap<LineId, i64> = self.order.lines.iter().map(|line| (line.line_id, line.price_cents)).collect();
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        self.effects.push(NewRow::Effect(Effect::Release {
            round_id: self.order.round_id,
            store_id: self.order.store_id,
            day: day(self.order.day),
            period: day(self.order.period),
            dock_day: day(self.order.dock_day),
            credit_cents: units.iter().map(|(line, units)| units * prices.get(line).copied().unwrap_or_default()).sum(),
            lines: units.iter().map(|(line_id, units)| ReleasedLine { line_id: *line_id, units: *units }).collect(),
        }));
        Ok(())
    }

    /// The line of the timeline, the store's event and the commit.
    pub async fn finish(mut self, what: &str, note: &str) -> Result<Done, FulfilError> {
        let order = &self.order;
        let at = orders::tell(&mut self.tx, order.order_id, what, self.actor.user_id, note).await?;
        let at_ms: UnixMs = at.timestamp_millis();
        let mut rows = vec![NewRow::Store {
            store_id: order.store_id,
            round_id: Some(order.round_id),
            event: StoreEvent::Order(OrderChanged {
                order_id: order.order_id,
                order_no: order.order_no.clone(),
                state: order.state,
                shipment_id: order.shipment_id,
                shipment_state: order.shipment_state,
                at_ms,
            }),
        }];
        rows.append(&mut self.effects);
        let number = outbox::append(&mut self.tx, &order.pool_id, &rows).await?;
        self.tx.commit().await?;
        Ok(Done { order_id: self.order.order_id, pool_id: self.order.pool_id, outbox_number: Some(number) })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    Warehouse,
    Store,
}

/// Matches what was said with the order's lines: each named once. Returns the said parts in the order of the lines.
pub(super) fn matched<'a, T>(
    lines: &[Line],
    said: &'a [T],
    id_of: impl Fn(&T) -> LineId,
) -> Result<Vec<(usize, &'a T)>, FulfilError> {
    let mut by_line = HashMap::new();
    for (place, part) in said.iter().enumerate() {
        let pointer = || format!("/lines/{place}/line_id");
        if !lines.iter().any(|line| line.line_id == id_of(part)) {
            return Err(FulfilError::bad(pointer(), What::UnknownLine));
        }
        if by_line.insert(id_of(part), (place, part)).is_some() {
            return Err(FulfilError::bad(pointer(), What::LineTwice));
        }
    }
    lines
        .iter()
        .map(|line| by_line.remove(&line.line_id).ok_or_else(|| FulfilError::bad("/lines", What::LineMissing)))
        .collect()
}
