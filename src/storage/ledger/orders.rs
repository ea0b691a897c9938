//! What the winners get: orders with priced lines, a planned shipment, the first line of the timeline, and the stock
//! that moves from the round's pledge to them.

use super::settle::{NewOrder, Settled};
use crate::{
    domain::{
        clock::UnixMs,
        event::{Ordered, OrderedOrder},
        order::{MovementKind, OrderState, ShipmentState},
    },
    storage::{
        Result,
        log_position::Moment,
        stock::{self, Bucket, Document, Movement},
    },
};
use sqlx::PgConnection;
use uuid::Uuid;

/// The numbers that this batch's orders got, in their order: `RO-20261123-000001` and so on.
pub(super) struct Numbers {
    day: String,
    first: i64,
}

impl Numbers {
    /// Numbers that nobody drew, to measure with.
    pub fn bare(first: i64) -> Self {
        Self { day: "0".to_owned(), first }
    }

    pub fn order(&self, index: usize) -> String {
        self.number("RO", index)
    }

    fn shipment(&self, index: usize) -> String {
        self.number("SH", index)
    }

    fn number(&self, prefix: &str, index: usize) -> String {
        format!("{prefix}-{}-{:06}", self.day, self.first + count(index))
    }
}

pub(super) async fn write(tx: &mut PgConnection, settled: &Settled<'_>, moment: Moment) -> Result<Numbers> {
    let orders = &settled.orders;
    if orders.is_empty() {
        return Ok(Numbers { day: String::new(), first: 0 });
    }
    stock::book(tx, &movements(settled)).await?;
    let numbers = draw_numbers(tx, moment, orders.len()).await?;
    write_rows(tx, settled, &numbers).await?;
    Ok(numbers)
}

pub(super) async fn write_rows(tx: &mut PgConnection, settled: &Settled<'_>, numbers: &Numbers) -> Result<()> {
    write_orders(tx, settled, numbers).await?;
    write_lines(tx, &settled.orders).await?;
    write_shipments(tx, settled, numbers).await
}

/// Units go from the round's pledge to the order, and are on their way to the store.
pub(super) fn movements(settled: &Settled<'_>) -> Vec<Movement> {
    let mut movements = Vec::with_capacity(settled.orders.len() * 3);
    for order in &settled.orders {
        let store = settled.claims[order.claim].decided.verdict.store_id.0;
        let warehouse = order.warehouse_id.0;
        for line in &order.lines {
            let legs =
                [(warehouse, Bucket::Pledged, -1), (warehouse, Bucket::Allocated, 1), (store, Bucket::Inbound, 1)];
            movements.extend(legs.map(|(site_id, bucket, sign)| Movement {
                site_id,
                sku_id: line.sku_id,
                bucket,
                delta: sign * line.units,
                kind: MovementKind::Allocate,
                document: Document::Order(order.order_id.0),
                by_user: None,
            }));
        }
    }
    movements
}

/// The day's row stays locked to the commit, so that a number is given once and none is left out.
async fn draw_numbers(tx: &mut PgConnection, moment: Moment, orders: usize) -> Result<Numbers> {
    let drawn = count(orders);
    let last: i64 = sqlx::query_scalar(
        "insert into order_numbers (day, last)
         values ($1, $2)
             on conflict (day) do update set last = order_numbers.last + excluded.last
         returning last",
    )
    .bind(moment.day)
    .bind(drawn)
    .fetch_one(tx)
    .await?;
    Ok(Numbers { day: moment.day.format("%Y%m%d").to_string(), first: last - drawn + 1 })
}

async fn write_orders(tx: &mut PgConnection, settled: &Settled<'_>, numbers: &Numbers) -> Result<()> {
    let orders = &settled.orders;
    let claims = || orders.iter().map(|order| &settled.claims[order.claim]);
    sqlx::query(
        "insert into orders (id, order_no, round_id, claim_id, store_id, warehouse_id, state, promised_date, units,
                             total_cents)
         select id, order_no, round_id, claim_id, store_id, warehouse_id, $10, promised_date, units, total_cents
           from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::date[], $8::bigint[],
                       $9::bigint[])
             as o (id, order_no, round_id, claim_id, store_id, warehouse_id, promised_date, units, total_cents)",
    )
    .bind(orders.iter().map(|o| o.order_id.0).collect::<Vec<_>>())
    .bind((0..orders.len()).map(|i| numbers.order(i)).collect::<Vec<_>>())
    .bind(claims().map(|c| c.round_id.0).collect::<Vec<_>>())
    .bind(claims().map(|c| c.decided.claim_id.0).collect::<Vec<_>>())
    .bind(claims().map(|c| c.decided.verdict.store_id.0).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.warehouse_id.0).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.promised_date).collect::<Vec<_>>())
    .bind(orders.iter().map(NewOrder::units).collect::<Vec<_>>())
    .bind(orders.iter().map(NewOrder::total_cents).collect::<Vec<_>>())
    .bind(OrderState::Approved)
    .execute(&mut *tx)
    .await?;

    sqlx::query(
        "insert into order_events (order_id, n, what)
         select id, 1, 'ORDERED'
           from unnest($1::uuid[]) as o (id)",
    )
    .bind(orders.iter().map(|o| o.order_id.0).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_lines(tx: &mut PgConnection, orders: &[NewOrder]) -> Result<()> {
    let lines = || orders.iter().flat_map(|order| order.lines.iter().map(|line| (order.order_id, line)));
    sqlx::query(
        "insert into order_lines (order_id, line_id, sku_id, ordered, price_cents)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])",
    )
    .bind(lines().map(|(order_id, _)| order_id.0).collect::<Vec<Uuid>>())
    .bind(lines().map(|(_, line)| line.line_id.0).collect::<Vec<_>>())
    .bind(lines().map(|(_, line)| line.sku_id.0).collect::<Vec<_>>())
    .bind(lines().map(|(_, line)| line.units).collect::<Vec<_>>())
    .bind(lines().map(|(_, line)| line.price_cents).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

async fn write_shipments(tx: &mut PgConnection, settled: &Settled<'_>, numbers: &Numbers) -> Result<()> {
    let orders = &settled.orders;
    sqlx::query(
        "insert into shipments (id, shipment_no, order_id, store_id, warehouse_id, state)
         select id, shipment_no, order_id, store_id, warehouse_id, $6
           from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[])
             as s (id, shipment_no, order_id, store_id, warehouse_id)",
    )
    .bind(orders.iter().map(|o| o.shipment_id.0).collect::<Vec<_>>())
    .bind((0..orders.len()).map(|i| numbers.shipment(i)).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.order_id.0).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| settled.claims[o.claim].decided.verdict.store_id.0).collect::<Vec<_>>())
    .bind(orders.iter().map(|o| o.warehouse_id.0).collect::<Vec<_>>())
    .bind(ShipmentState::Planned)
    .execute(tx)
    .await?;
    Ok(())
}

/// What the store is told about a claim's orders.
pub(super) fn ordered(settled: &Settled<'_>, claim: usize, numbers: &Numbers, ordered_at_ms: UnixMs) -> Ordered {
    let claim = &settled.claims[claim];
    let orders = claim.orders.clone().map(|index| {
        let order = &settled.orders[index];
        OrderedOrder {
            order_id: order.order_id,
            order_no: numbers.order(index),
            units: order.units(),
            total_cents: order.total_cents(),
            promised_date: order.promised_date.to_string(),
        }
    });
    Ordered {
        claim_id: claim.decided.claim_id,
        round_id: claim.round_id,
        orders: orders.collect(),
        chain_n: claim.chain_n,
        chain_hash: hex::encode(&claim.hash),
        ordered_at_ms,
    }
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
