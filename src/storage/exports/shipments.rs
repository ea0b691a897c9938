//! Shipments, a row a line.

use super::{PAGE, Pages, Reach};
use crate::{
    domain::{
        ids::{ShipmentId, WarehouseId},
        order::ShipmentState,
    },
    storage::{Result, area::in_area, order_views::shipment_state_name},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, Default)]
pub struct ShipmentLines {
    pub reach: Reach,
    /// Empty: all.
    pub states: Vec<ShipmentState>,
    pub warehouse_id: Option<WarehouseId>,
    /// Planned at or after, and before.
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    pub after: Option<(ShipmentId, i32)>,
}

#[derive(Clone, Debug, FromRow)]
pub struct ShipmentLineRow {
    shipment_id: ShipmentId,
    pub shipment_no: String,
    pub order_no: String,
    pub state: ShipmentState,
    pub warehouse_code: String,
    pub store_code: String,
    pub store_name: String,
    pub region: String,
    pub carrier: Option<String>,
    pub tracking_no: Option<String>,
    pub promised_date: NaiveDate,
    pub planned_at: DateTime<Utc>,
    pub dispatched_at: Option<DateTime<Utc>>,
    pub arrived_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    pub line_no: i32,
    pub sku_code: String,
    pub sku_name: String,
    pub ordered: i64,
    pub shipped: i64,
    pub received: i64,
    pub damaged: i64,
    pub cancelled: i64,
}

/// `$1` to `$6` are the filter.
macro_rules! lines {
    () => {
        concat!(
            "  from shipments s
               join orders o on o.id = s.order_id
               join order_lines ol on ol.order_id = o.id
               join offer_lines f on f.id = ol.line_id
               join skus k on k.id = ol.sku_id
               join stores st on st.id = s.store_id
               join warehouses w on w.id = s.warehouse_id
              where ($1::uuid is null or s.store_id = $1)
                and ",
            in_area!("st.region", "$2"),
            "   and (cardinality($3::text[]) = 0 or s.state = any($3))
                and ($4::uuid is null or s.warehouse_id = $4)
                and ($5::timestamptz is null or s.planned_at >= $5)
                and ($6::timestamptz is null or s.planned_at < $6)"
        )
    };
}

impl ShipmentLines {
    fn state_names(&self) -> Vec<&'static str> {
        self.states.iter().map(|state| shipment_state_name(*state)).collect()
    }
}

impl Pages for ShipmentLines {
    type Row = ShipmentLineRow;

    async fn count(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(concat!("select count(*)", lines!()))
            .bind(self.reach.store_id)
            .bind(self.reach.area_of)
            .bind(self.state_names())
            .bind(self.warehouse_id)
            .bind(self.from)
            .bind(self.to)
            .fetch_one(db)
            .await
    }

    async fn next(&mut self, db: &mut PgConnection) -> Result<Vec<ShipmentLineRow>> {
        let rows: Vec<ShipmentLineRow> = sqlx::query_as(concat!(
            "select s.id as shipment_id, s.shipment_no, o.order_no, s.state, w.code as warehouse_code,
                    st.code as store_code, st.name as store_name, st.region, s.carrier, s.tracking_no, o.promised_date,
                    s.planned_at, s.dispatched_at, s.arrived_at, s.received_at, f.line_no, k.code as sku_code,
                    k.name as sku_name, ol.ordered, ol.shipped, ol.received, ol.damaged, ol.cancelled",
            lines!(),
            "   and ($7::uuid is null or (s.id, f.line_no) > ($7, $8))
              order by s.id, f.line_no
              limit $9"
        ))
        .bind(self.reach.store_id)
        .bind(self.reach.area_of)
        .bind(self.state_names())
        .bind(self.warehouse_id)
        .bind(self.from)
        .bind(self.to)
        .bind(self.after.map(|(shipment_id, _)| shipment_id))
        .bind(self.after.map(|(_, line_no)| line_no))
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        self.after = rows.last().map(|row| (row.shipment_id, row.line_no)).or(self.after);
        Ok(rows)
    }
}
