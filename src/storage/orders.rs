//! Orders as the verbs of `fulfil` need them: locked whole, changed step by step.

use super::Result;
use crate::domain::{
    ids::{LineId, OrderId, PoolId, RoundId, ShipmentId, SkuId, StoreId, UserId, WarehouseId},
    order::{OrderState, ShipmentState},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// An order with its shipment and its round's fixed dates. Nobody else can change it before the transaction ends.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Locked {
    pub order_id: OrderId,
    pub order_no: String,
    pub state: OrderState,
    pub round_id: RoundId,
    pub pool_id: PoolId,
    pub store_id: StoreId,
    pub warehouse_id: WarehouseId,
    /// Chain-local, fixed when the round was published.
    pub day: Option<NaiveDate>,
    pub period: Option<NaiveDate>,
    pub dock_day: Option<NaiveDate>,
    pub shipment_id: ShipmentId,
    pub shipment_state: ShipmentState,
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
    #[sqlx(skip)]
    pub lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    pub line_id: LineId,
    pub sku_id: SkuId,
    pub ordered: i64,
    pub shipped: i64,
    pub received: i64,
    pub damaged: i64,
    pub cancelled: i64,
    pub price_cents: i64,
}

/// What a caller names an order by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Order(OrderId),
    Shipment(ShipmentId),
}

/// The order, if it exists and (for store people) belongs to that store. Its offer lines are locked before it, in the
/// order of their ids, because units may go back to them.
pub async fn lock(tx: &mut PgConnection, named: Named, store_id: Option<StoreId>) -> Result<Option<Locked>> {
    // Which order a shipment carries, whose it is and which lines it has never changes: no lock is needed to know.
    let found: Option<OrderId> = match named {
        Named::Order(id) => {
            sqlx::query_scalar(
                "select id
                   from orders
                  where id = $1
                    and ($2::uuid is null or store_id = $2)",
            )
            .bind(id)
            .bind(store_id)
            .fetch_optional(&mut *tx)
            .await?
        }
        Named::Shipment(id) => {
            sqlx::query_scalar(
                "select order_id
                   from shipments
                  where id = $1
                    and ($2::uuid is null or store_id = $2)",
            )
            .bind(id)
            .bind(store_id)
            .fetch_optional(&mut *tx)
            .await?
        }
    };
    let Some(order_id) = found else { return Ok(None) };
    sqlx::query(
        "select 1
           from offer_lines
          where id in (select line_id from order_lines where order_id = $1)
          order by id
            for update",
    )
    .bind(order_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("select 1 from orders where id = $1 for update").bind(order_id).execute(&mut *tx).await?;
    let mut locked: Locked = sqlx::query_as(
        "select o.id as order_id, o.order_no, o.state, o.round_id, r.pool_id, o.store_id, o.warehouse_id,
                r.day, r.period, r.dock_day,
                s.id as shipment_id, s.state as shipment_state, s.carrier, s.tracking_no
           from orders o
           join rounds r on r.id = o.round_id
           join shipments s on s.order_id = o.id
          where o.id = $1",
    )
    .bind(order_id)
    .fetch_one(&mut *tx)
    .await?;
    locked.lines = sqlx::query_as(
        "select line_id, sku_id, ordered, shipped, received, damaged, cancelled, price_cents
           from order_lines
          where order_id = $1
          order by line_id",
    )
    .bind(order_id)
    .fetch_all(&mut *tx)
    .await?;
    Ok(Some(locked))
}

pub async fn set_state(tx: &mut PgConnection, order_id: OrderId, state: OrderState) -> Result<()> {
    sqlx::query(
        "update orders
            set state = $2,
                version = version + 1
          where id = $1",
    )
    .bind(order_id)
    .bind(state)
    .execute(tx)
    .await?;
    Ok(())
}

/// How far a line got; the figures replace those in the books.
pub async fn set_lines(tx: &mut PgConnection, order_id: OrderId, lines: &[Line]) -> Result<()> {
    let column = |figure: fn(&Line) -> i64| lines.iter().map(figure).collect::<Vec<_>>();
    sqlx::query(
        "update order_lines l
            set shipped   = n.shipped,
                received  = n.received,
                damaged   = n.damaged,
                cancelled = n.cancelled
           from unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
             as n (line_id, shipped, received, damaged, cancelled)
          where l.order_id = $1
            and l.line_id = n.line_id",
    )
    .bind(order_id)
    .bind(lines.iter().map(|line| line.line_id.0).collect::<Vec<_>>())
    .bind(column(|line| line.shipped))
    .bind(column(|line| line.received))
    .bind(column(|line| line.damaged))
    .bind(column(|line| line.cancelled))
    .execute(tx)
    .await?;
    Ok(())
}

/// Units of a grant that go back: they count as returned and are not offered again in this round.
pub async fn give_back(tx: &mut PgConnection, units: &[(LineId, i64)]) -> Result<()> {
    sqlx::query(
        "update offer_lines l
            set granted  = l.granted  - u.units,
                returned = l.returned + u.units
           from unnest($1::uuid[], $2::bigint[]) as u (line_id, units)
          where l.id = u.line_id",
    )
    .bind(units.iter().map(|(line, _)| line.0).collect::<Vec<_>>())
    .bind(units.iter().map(|(_, units)| *units).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// The next line of the order's timeline. The order is locked, so the numbers are dense.
pub async fn tell(
    tx: &mut PgConnection,
    order_id: OrderId,
    what: &str,
    by_user: UserId,
    note: &str,
) -> Result<DateTime<Utc>> {
    sqlx::query_scalar(
        "insert into order_events (order_id, n, what, by_user, note)
         select $1, coalesce(max(n), 0) + 1, $2, $3, $4
           from order_events
          where order_id = $1
         returning at",
    )
    .bind(order_id)
    .bind(what)
    .bind(by_user)
    .bind(note)
    .fetch_one(tx)
    .await
}

/// Whether the order's round still grants, or may again.
pub async fn round_runs(tx: &mut PgConnection, order_id: OrderId) -> Result<bool> {
    sqlx::query_scalar(
        "select r.state not in ('SETTLING','CLOSED','ARCHIVED','CANCELLED')
           from orders o
           join rounds r on r.id = o.round_id
          where o.id = $1",
    )
    .bind(order_id)
    .fetch_one(tx)
    .await
}
