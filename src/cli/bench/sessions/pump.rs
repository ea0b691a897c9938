//! Events as they come about in the books: rows of the outbox, each batch in a transaction of its own. Both nodes hear of
//! them as of any other; this run is the only one that writes them, so it knows every number.

use crate::{
    cli::Failure,
    domain::{
        clock,
        event::{Notice, Ordered, OrderedOrder, StoreEvent},
        ids::{ClaimId, OrderId, PoolId, RoundId, StoreId},
    },
    storage::{
        Db,
        outbox::{self, NewRow},
        outbox_tail,
    },
};
use std::{collections::HashMap, time::Instant};

/// When each event was about to be committed.
pub(super) type Told = HashMap<(StoreId, i64), Instant>;

pub(super) struct Pump {
    db: Db,
    pool: PoolId,
    heads: HashMap<StoreId, i64>,
}

impl Pump {
    pub(super) async fn new(db: Db) -> Result<Self, Failure> {
        let pool = PoolId::main();
        let heads = outbox_tail::store_heads(&mut *db.0.acquire().await?, &pool).await?.into_iter().collect();
        Ok(Self { db, pool, heads })
    }

    pub(super) fn head(&self, store_id: StoreId) -> i64 {
        self.heads.get(&store_id).copied().unwrap_or(0)
    }

    /// One transaction with an event for each of these stores, in this order.
    pub(super) async fn push(&mut self, events: Vec<(StoreId, StoreEvent)>, told: &mut Told) -> Result<(), Failure> {
        let mut numbers = Vec::with_capacity(events.len());
        for (store_id, _) in &events {
            let head = self.heads.entry(*store_id).or_default();
            *head += 1;
            numbers.push((*store_id, *head));
        }
        let rows: Vec<NewRow> =
            events.into_iter().map(|(store_id, event)| NewRow::Store { store_id, round_id: None, event }).collect();
        let mut tx = self.db.0.begin().await?;
        outbox::append(&mut tx, &self.pool, &rows).await?;
        let now = Instant::now();
        told.extend(numbers.into_iter().map(|key| (key, now)));
        tx.commit().await?;
        Ok(())
    }
}

/// As small as events are.
pub(super) fn small() -> StoreEvent {
    StoreEvent::Notice(Notice::Invited { round_id: RoundId::new() })
}

/// More than a kilobyte, so that a phone that does not read is soon behind.
pub(super) fn large() -> StoreEvent {
    let order = || OrderedOrder {
        order_id: OrderId::new(),
        order_no: "RO-20261122-000001".to_owned(),
        units: 12,
        total_cents: 34_800,
        promised_date: "2026-11-23".to_owned(),
    };
    StoreEvent::Ordered(Ordered {
        claim_id: ClaimId::new(),
        round_id: RoundId::new(),
        orders: (0..8).map(|_| order()).collect(),
        chain_n: 1,
        chain_hash: "0".repeat(64),
        ordered_at_ms: clock::now_ms(),
    })
}
