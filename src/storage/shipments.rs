//! Shipments and receipts as the verbs of `fulfil` write them.

use super::Result;
use crate::domain::{
    ids::{LineId, OrderId, ReceiptId, ShipmentId, UserId},
    order::{DifferenceReason, ShipmentState},
};
use sqlx::PgConnection;

/// Moves a shipment on and stamps the time at which it got there.
pub async fn set_state(tx: &mut PgConnection, shipment_id: ShipmentId, state: ShipmentState) -> Result<()> {
    sqlx::query(
        "update shipments
            set state         = $2,
                dispatched_at = case when $2 = 'DISPATCHED' then now() else dispatched_at end,
                arrived_at    = case when $2 = 'ARRIVED' then now() else arrived_at end,
                received_at   = case when $2 in ('RECEIVED', 'RECEIVED_WITH_DIFFERENCE') then now() else received_at end,
                version       = version + 1
          where id = $1",
    )
    .bind(shipment_id)
    .bind(state)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn set_carrier(
    tx: &mut PgConnection,
    shipment_id: ShipmentId,
    carrier: &str,
    tracking_no: &str,
) -> Result<()> {
    sqlx::query("update shipments set carrier = $2, tracking_no = $3 where id = $1")
        .bind(shipment_id)
        .bind(carrier)
        .bind(tracking_no)
        .execute(tx)
        .await?;
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ReceiptLine {
    pub line_id: LineId,
    pub shipped: i64,
    /// In good order.
    pub received: i64,
    pub damaged: i64,
    pub reason: Option<DifferenceReason>,
}

pub async fn insert_receipt(
    tx: &mut PgConnection,
    receipt_id: ReceiptId,
    shipment_id: ShipmentId,
    received_by: UserId,
    lines: &[ReceiptLine],
) -> Result<()> {
    sqlx::query("insert into receipts (id, shipment_id, received_by) values ($1, $2, $3)")
        .bind(receipt_id)
        .bind(shipment_id)
        .bind(received_by)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into receipt_lines (receipt_id, line_id, shipped, received, damaged, reason)
         select $1, * from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])",
    )
    .bind(receipt_id)
    .bind(lines.iter().map(|line| line.line_id.0).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.shipped).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.received).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.damaged).collect::<Vec<_>>())
    .bind(lines.iter().map(|line| line.reason.map(name_of)).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    Ok(())
}

fn name_of(reason: DifferenceReason) -> &'static str {
    match reason {
        DifferenceReason::Missing => "missing",
        DifferenceReason::Damaged => "damaged",
        DifferenceReason::Wrong => "wrong",
        DifferenceReason::Expired => "expired",
    }
}

/// The lines of a shipment's receipt by line id; empty when nothing was received yet.
pub async fn receipt_lines(tx: &mut PgConnection, shipment_id: ShipmentId) -> Result<Vec<ReceiptLine>> {
    sqlx::query_as(
        "select l.line_id, l.shipped, l.received, l.damaged, l.reason
           from receipts r
           join receipt_lines l on l.receipt_id = r.id
          where r.shipment_id = $1
          order by l.line_id",
    )
    .bind(shipment_id)
    .fetch_all(tx)
    .await
}

/// The order that a shipment carries.
pub async fn order_of(tx: &mut PgConnection, shipment_id: ShipmentId) -> Result<Option<OrderId>> {
    sqlx::query_scalar("select order_id from shipments where id = $1").bind(shipment_id).fetch_optional(tx).await
}
