//! Orders and shipments as people read them. One query a page: lines and timelines come along as JSON.

use super::{At, Result, area::in_area};
use crate::domain::{
    ids::{ClaimId, LineId, OrderId, RoundId, ShipmentId, SkuId, StoreId, UserId, WarehouseId},
    order::{OrderState, ShipmentState},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection};

/// How a store names the state of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    New,
    Confirmed,
    Shipped,
    Done,
    Cancelled,
}

impl From<OrderState> for Label {
    fn from(state: OrderState) -> Self {
        match state {
            OrderState::Approved => Self::Confirmed,
            OrderState::Shipped | OrderState::PartReceived => Self::Shipped,
            OrderState::Received | OrderState::Completed => Self::Done,
            OrderState::Cancelled => Self::Cancelled,
        }
    }
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct StoreRef {
    pub store_id: StoreId,
    #[sqlx(rename = "store_code")]
    pub code: String,
    #[sqlx(rename = "store_name")]
    pub name: String,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct ShipmentRef {
    pub shipment_id: ShipmentId,
    pub shipment_no: String,
    #[sqlx(rename = "shipment_state")]
    pub state: ShipmentState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_no: Option<String>,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct OrderItem {
    pub order_id: OrderId,
    pub order_no: String,
    pub round_id: RoundId,
    pub round_name: String,
    pub claim_id: ClaimId,
    #[sqlx(flatten)]
    pub store: StoreRef,
    pub warehouse_code: String,
    pub state: OrderState,
    /// The state in the store's words.
    #[sqlx(try_from = "OrderState")]
    pub label: Label,
    /// As ordered.
    pub units: i64,
    pub total_cents: i64,
    pub promised_date: NaiveDate,
    pub ordered_at: At,
    #[sqlx(flatten)]
    pub shipment: ShipmentRef,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct OrderDetail {
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub item: OrderItem,
    pub version: i32,
    #[sqlx(json)]
    pub lines: Vec<OrderLineView>,
    /// Oldest first.
    #[sqlx(json)]
    pub timeline: Vec<Happening>,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SkuRef {
    pub sku_id: SkuId,
    pub code: String,
    pub name: String,
    pub category: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderLineView {
    pub line_id: LineId,
    pub sku: SkuRef,
    pub pack: i64,
    pub ordered: i64,
    pub shipped: i64,
    /// In good order.
    pub received: i64,
    pub damaged: i64,
    pub cancelled: i64,
    pub price_cents: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Happening {
    pub what: String,
    pub at: At,
    pub note: String,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct ShipmentItem {
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub shipment: ShipmentRef,
    pub order_id: OrderId,
    pub order_no: String,
    #[sqlx(flatten)]
    pub store: StoreRef,
    pub warehouse_code: String,
    pub units: i64,
    pub promised_date: NaiveDate,
    pub planned_at: At,
    pub dispatched_at: Option<At>,
    pub arrived_at: Option<At>,
    pub received_at: Option<At>,
    #[sqlx(json)]
    pub lines: Vec<OrderLineView>,
}

macro_rules! order_columns {
    () => {
        "o.id as order_id, o.order_no, o.round_id, r.name as round_name, o.claim_id,
         o.store_id, st.code as store_code, st.name as store_name, w.code as warehouse_code,
         o.state, o.state as label, o.units, o.total_cents, o.promised_date, o.ordered_at,
         s.id as shipment_id, s.shipment_no, s.state as shipment_state, s.carrier, s.tracking_no"
    };
}

macro_rules! order_tables {
    () => {
        "  from orders o
           join rounds r on r.id = o.round_id
           join stores st on st.id = o.store_id
           join warehouses w on w.id = o.warehouse_id
           join shipments s on s.order_id = o.id"
    };
}

/// The lines of an order or a shipment `o`, in the order of the offer.
macro_rules! lines_of_an_order {
    () => {
        "(select json_agg(json_build_object(
                    'line_id', ol.line_id,
                    'sku', json_build_object('sku_id', k.id, 'code', k.code, 'name', k.name, 'category', k.category),
                    'pack', f.pack, 'ordered', ol.ordered, 'shipped', ol.shipped, 'received', ol.received,
                    'damaged', ol.damaged, 'cancelled', ol.cancelled, 'price_cents', ol.price_cents)
                 order by f.line_no)
            from order_lines ol
            join offer_lines f on f.id = ol.line_id
            join skus k on k.id = ol.sku_id
           where ol.order_id = o.id) as lines"
    };
}

#[derive(Clone, Copy, Debug, Default)]
pub struct OrderFilter {
    pub store_id: Option<StoreId>,
    /// Only of stores in the regions of this user, if they have any.
    pub area_of: Option<UserId>,
    pub state: Option<OrderState>,
    pub round_id: Option<RoundId>,
    /// Only orders older than this one.
    pub before: Option<OrderId>,
}

/// Newest first; one more than `limit`, so that the caller sees whether there is more.
pub async fn orders(db: &mut PgConnection, filter: OrderFilter, limit: i64) -> Result<Vec<OrderItem>> {
    sqlx::query_as(concat!(
        "select ",
        order_columns!(),
        order_tables!(),
        " where ($1::uuid is null or o.store_id = $1)
            and ($2::text is null or o.state = $2)
            and ($3::uuid is null or o.round_id = $3)
            and ($4::uuid is null or o.id < $4)
            and ",
        in_area!("st.region", "$6"),
        " order by o.id desc
          limit $5 + 1"
    ))
    .bind(filter.store_id)
    .bind(filter.state)
    .bind(filter.round_id)
    .bind(filter.before)
    .bind(limit)
    .bind(filter.area_of)
    .fetch_all(db)
    .await
}

/// One order; for store people only one of their own, for a supervisor with regions only one from there.
pub async fn order(
    db: &mut PgConnection,
    order_id: OrderId,
    store_id: Option<StoreId>,
    area_of: Option<UserId>,
) -> Result<Option<OrderDetail>> {
    sqlx::query_as(concat!(
        "select ",
        order_columns!(),
        ", o.version, ",
        lines_of_an_order!(),
        ", (select json_agg(json_build_object('what', e.what, 'at', e.at, 'note', e.note) order by e.n)
              from order_events e
             where e.order_id = o.id) as timeline",
        order_tables!(),
        " where o.id = $1
            and ($2::uuid is null or o.store_id = $2)
            and ",
        in_area!("st.region", "$3")
    ))
    .bind(order_id)
    .bind(store_id)
    .bind(area_of)
    .fetch_optional(db)
    .await
}

/// The number of the store's newest event. Read it before a list: then the list is at least as new.
pub async fn store_seq(db: &mut PgConnection, store_id: StoreId) -> Result<i64> {
    sqlx::query_scalar("select store_seq from stores where id = $1").bind(store_id).fetch_one(db).await
}

#[derive(Clone, Debug, Default)]
pub struct ShipmentFilter {
    pub shipment_id: Option<ShipmentId>,
    /// Empty: all.
    pub states: Vec<ShipmentState>,
    pub warehouse_id: Option<WarehouseId>,
    /// Only to stores in the regions of this user, if they have any.
    pub area_of: Option<UserId>,
    /// Only shipments planned after this one.
    pub after: Option<ShipmentId>,
}

/// Oldest first, since those are due first; one more than `limit`.
pub async fn shipments(db: &mut PgConnection, filter: &ShipmentFilter, limit: i64) -> Result<Vec<ShipmentItem>> {
    sqlx::query_as(concat!(
        "select ",
        order_columns!(),
        ", s.planned_at, s.dispatched_at, s.arrived_at, s.received_at, ",
        lines_of_an_order!(),
        order_tables!(),
        " where ($1::uuid is null or s.id = $1)
            and (cardinality($2::text[]) = 0 or s.state = any($2))
            and ($3::uuid is null or s.warehouse_id = $3)
            and ($4::uuid is null or s.id > $4)
            and ",
        in_area!("st.region", "$6"),
        " order by s.id
          limit $5 + 1"
    ))
    .bind(filter.shipment_id)
    .bind(filter.states.iter().map(|state| shipment_state_name(*state)).collect::<Vec<_>>())
    .bind(filter.warehouse_id)
    .bind(filter.after)
    .bind(limit)
    .bind(filter.area_of)
    .fetch_all(db)
    .await
}

pub(super) fn shipment_state_name(state: ShipmentState) -> &'static str {
    match state {
        ShipmentState::Planned => "PLANNED",
        ShipmentState::Dispatched => "DISPATCHED",
        ShipmentState::InTransit => "IN_TRANSIT",
        ShipmentState::Arrived => "ARRIVED",
        ShipmentState::Received => "RECEIVED",
        ShipmentState::ReceivedWithDifference => "RECEIVED_WITH_DIFFERENCE",
        ShipmentState::Cancelled => "CANCELLED",
    }
}
