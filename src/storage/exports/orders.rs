//! Orders, a row a line.

use super::{PAGE, Pages, Reach};
use crate::{
    domain::{
        ids::{OrderId, RoundId, StoreId},
        order::OrderState,
    },
    storage::{Result, area::in_area},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, Default)]
pub struct OrderLines {
    pub reach: Reach,
    pub store_id: Option<StoreId>,
    pub round_id: Option<RoundId>,
    pub state: Option<OrderState>,
    /// Ordered at or after, and before.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub after: Option<(OrderId, i32)>,
}

#[derive(Clone, Debug, FromRow)]
pub struct OrderLineRow {
    order_id: OrderId,
    pub order_no: String,
    pub state: OrderState,
    pub ordered_at: DateTime<Utc>,
    pub promised_date: NaiveDate,
    pub round_code: String,
    pub round_name: String,
    pub store_code: String,
    pub store_name: String,
    pub region: String,
    pub warehouse_code: String,
    pub line_no: i32,
    pub sku_code: String,
    pub sku_name: String,
    pub ordered: i64,
    pub shipped: i64,
    pub received: i64,
    pub damaged: i64,
    pub cancelled: i64,
    pub price_cents: i64,
    pub total_cents: i64,
    pub shipment_no: String,
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
}

/// `$1` to `$7` are the filter.
macro_rules! lines {
    () => {
        concat!(
            "  from orders o
               join order_lines ol on ol.order_id = o.id
               join offer_lines f on f.id = ol.line_id
               join skus k on k.id = ol.sku_id
               join rounds r on r.id = o.round_id
               join stores st on st.id = o.store_id
               join warehouses w on w.id = o.warehouse_id
               join shipments s on s.order_id = o.id
              where ($1::uuid is null or o.store_id = $1)
                and ",
            in_area!("st.region", "$2"),
            "   and ($3::uuid is null or o.store_id = $3)
                and ($4::uuid is null or o.round_id = $4)
                and ($5::text is null or o.state = $5)
                and ($6::timestamptz is null or o.ordered_at >= $6)
                and ($7::timestamptz is null or o.ordered_at < $7)"
        )
    };
}

impl Pages for OrderLines {
    type Row = OrderLineRow;

    async fn count(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(concat!("select count(*)", lines!()))
            .bind(self.reach.store_id)
            .bind(self.reach.area_of)
            .bind(self.store_id)
            .bind(self.round_id)
            .bind(self.state)
            .bind(self.from)
            .bind(self.to)
            .fetch_one(db)
            .await
    }

    async fn next(&mut self, db: &mut PgConnection) -> Result<Vec<OrderLineRow>> {
        let rows: Vec<OrderLineRow> = sqlx::query_as(concat!(
            "select o.id as order_id, o.order_no, o.state, o.ordered_at, o.promised_date, r.code as round_code,
                    r.name as round_name, st.code as store_code, st.name as store_name, st.region,
                    w.code as warehouse_code, f.line_no, k.code as sku_code, k.name as sku_name, ol.ordered, ol.shipped,
                    ol.received, ol.damaged, ol.cancelled, ol.price_cents, ol.ordered * ol.price_cents as total_cents,
                    s.shipment_no, s.carrier, s.tracking_no",
            lines!(),
            "   and ($8::uuid is null or (o.id, f.line_no) > ($8, $9))
              order by o.id, f.line_no
              limit $10"
        ))
        .bind(self.reach.store_id)
        .bind(self.reach.area_of)
        .bind(self.store_id)
        .bind(self.round_id)
        .bind(self.state)
        .bind(self.from)
        .bind(self.to)
        .bind(self.after.map(|(order_id, _)| order_id))
        .bind(self.after.map(|(_, line_no)| line_no))
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        self.after = rows.last().map(|row| (row.order_id, row.line_no)).or(self.after);
        Ok(rows)
    }
}
