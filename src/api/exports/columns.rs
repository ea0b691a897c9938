//! The columns of each list, head and content side by side.

use super::cell::{Cell, Column, Columns};
use crate::{
    domain::order::{OrderState, ShipmentState},
    storage::exports::{OrderLineRow, ResultRow, ShipmentLineRow, SkuRow, StockRow, StoreRow},
};

const fn column<R>(zh: &'static str, en: &'static str, cell: fn(&R) -> Cell) -> Column<R> {
    Column { head: [zh, en], cell }
}

impl Columns for OrderLineRow {
    const COLUMNS: &'static [Column<Self>] = &[
        column("订单号", "Order", |row| Cell::text(&row.order_no)),
        column("状态", "State", |row| Cell::Words(order_state(row.state))),
        column("下单时间", "Ordered at", |row| Cell::Time(row.ordered_at)),
        column("承诺到货日", "Promised for", |row| Cell::Day(row.promised_date)),
        column("场次号", "Round code", |row| Cell::text(&row.round_code)),
        column("场次", "Round", |row| Cell::text(&row.round_name)),
        column("门店号", "Store code", |row| Cell::text(&row.store_code)),
        column("门店", "Store", |row| Cell::text(&row.store_name)),
        column("区域", "Region", |row| Cell::text(&row.region)),
        column("仓库", "Warehouse", |row| Cell::text(&row.warehouse_code)),
        column("行", "Line", |row| Cell::Whole(row.line_no.into())),
        column("商品号", "SKU code", |row| Cell::text(&row.sku_code)),
        column("商品", "SKU", |row| Cell::text(&row.sku_name)),
        column("订货数量", "Ordered", |row| Cell::Whole(row.ordered)),
        column("发货数量", "Shipped", |row| Cell::Whole(row.shipped)),
        column("签收数量", "Received", |row| Cell::Whole(row.received)),
        column("破损数量", "Damaged", |row| Cell::Whole(row.damaged)),
        column("取消数量", "Cancelled", |row| Cell::Whole(row.cancelled)),
        column("单价", "Price", |row| Cell::Cents(row.price_cents)),
        column("订货金额", "Ordered value", |row| Cell::Cents(row.total_cents)),
        column("发货单号", "Shipment", |row| Cell::text(&row.shipment_no)),
        column("承运商", "Carrier", |row| row.carrier.as_deref().into()),
        column("运单号", "Tracking number", |row| row.tracking_no.as_deref().into()),
    ];
}

impl Columns for ShipmentLineRow {
    const COLUMNS: &'static [Column<Self>] = &[
        column("发货单号", "Shipment", |row| Cell::text(&row.shipment_no)),
        column("订单号", "Order", |row| Cell::text(&row.order_no)),
        column("状态", "State", |row| Cell::Words(shipment_state(row.state))),
        column("仓库", "Warehouse", |row| Cell::text(&row.warehouse_code)),
        column("门店号", "Store code", |row| Cell::text(&row.store_code)),
        column("门店", "Store", |row| Cell::text(&row.store_name)),
        column("区域", "Region", |row| Cell::text(&row.region)),
        column("承运商", "Carrier", |row| row.carrier.as_deref().into()),
        column("运单号", "Tracking number", |row| row.tracking_no.as_deref().into()),
        column("承诺到货日", "Promised for", |row| Cell::Day(row.promised_date)),
        column("计划时间", "Planned at", |row| Cell::Time(row.planned_at)),
        column("发货时间", "Dispatched at", |row| row.dispatched_at.into()),
        column("到店时间", "Arrived at", |row| row.arrived_at.into()),
        column("签收时间", "Received at", |row| row.received_at.into()),
        column("行", "Line", |row| Cell::Whole(row.line_no.into())),
        column("商品号", "SKU code", |row| Cell::text(&row.sku_code)),
        column("商品", "SKU", |row| Cell::text(&row.sku_name)),
        column("订货数量", "Ordered", |row| Cell::Whole(row.ordered)),
        column("发货数量", "Shipped", |row| Cell::Whole(row.shipped)),
        column("签收数量", "Received", |row| Cell::Whole(row.received)),
        column("破损数量", "Damaged", |row| Cell::Whole(row.damaged)),
        column("取消数量", "Cancelled", |row| Cell::Whole(row.cancelled)),
    ];
}

impl Columns for StockRow {
    const COLUMNS: &'static [Column<Self>] = &[
        column("仓库", "Warehouse", |row| Cell::text(&row.warehouse_code)),
        column("仓库名", "Warehouse name", |row| Cell::text(&row.warehouse_name)),
        column("商品号", "SKU code", |row| Cell::text(&row.sku_code)),
        column("商品", "SKU", |row| Cell::text(&row.sku_name)),
        column("品类", "Category", |row| Cell::text(&row.category)),
        column("箱规", "Case pack", |row| Cell::Whole(row.case_pack)),
        column("实时库存", "On hand", |row| Cell::Whole(row.on_hand)),
        column("已分配", "Allocated", |row| Cell::Whole(row.allocated)),
        column("场次锁定", "Pledged", |row| Cell::Whole(row.pledged)),
        column("可用", "Available", |row| Cell::Whole(row.available)),
        column("标价", "List price", |row| Cell::Cents(row.price_cents)),
    ];
}

impl Columns for StoreRow {
    const COLUMNS: &'static [Column<Self>] = &[
        column("门店号", "Store code", |row| Cell::text(&row.code)),
        column("门店", "Store", |row| Cell::text(&row.name)),
        column("区域", "Region", |row| Cell::text(&row.region)),
        column("信用额度", "Credit limit", |row| Cell::Cents(row.credit_limit_cents)),
        column("每日收货上限", "Dock units a day", |row| Cell::Whole(row.dock_units_per_day)),
        column("资格暂停到", "Suspended until", |row| row.suspended_until.into()),
        column("营业", "Active", |row| Cell::yes_or_no(row.active)),
    ];
}

impl Columns for SkuRow {
    const COLUMNS: &'static [Column<Self>] = &[
        column("商品号", "SKU code", |row| Cell::text(&row.code)),
        column("商品", "SKU", |row| Cell::text(&row.name)),
        column("品类", "Category", |row| Cell::text(&row.category)),
        column("品牌", "Brand", |row| Cell::text(&row.brand)),
        column("条码", "Barcode", |row| Cell::text(&row.barcode)),
        column("箱规", "Case pack", |row| Cell::Whole(row.case_pack)),
        column("中包", "Inner pack", |row| row.inner_pack.into()),
        column("可拆零", "Broken case", |row| Cell::yes_or_no(row.broken_case_ok)),
        column("标价", "List price", |row| Cell::Cents(row.price_cents)),
    ];
}

impl Columns for ResultRow {
    const COLUMNS: &'static [Column<Self>] = &[
        column("场次号", "Round code", |row| Cell::text(&row.round_code)),
        column("场次", "Round", |row| Cell::text(&row.round_name)),
        column("门店号", "Store code", |row| Cell::text(&row.store_code)),
        column("门店", "Store", |row| Cell::text(&row.store_name)),
        column("区域", "Region", |row| Cell::text(&row.region)),
        column("需求", "Need", |row| Cell::Whole(row.need)),
        column("申请次数", "Claims", |row| Cell::Whole(row.claims)),
        column("申请数量合计", "Asked in all", |row| Cell::Whole(row.asked)),
        column("中单数量", "Granted", |row| Cell::Whole(row.granted)),
        column("撤回数量", "Revoked", |row| Cell::Whole(row.revoked)),
        column("后来取消", "Cancelled later", |row| Cell::Whole(row.cancelled)),
        column("未中次数", "Refused claims", |row| Cell::Whole(row.refused)),
        column("未中原因", "Reasons", |row| Cell::text(&row.refusals)),
    ];
}

fn order_state(state: OrderState) -> [&'static str; 2] {
    match state {
        OrderState::Approved => ["已确认", "Confirmed"],
        OrderState::Shipped => ["已发货", "Shipped"],
        OrderState::PartReceived => ["部分签收", "Partly received"],
        OrderState::Received => ["已签收", "Received"],
        OrderState::Completed => ["已完成", "Completed"],
        OrderState::Cancelled => ["已取消", "Cancelled"],
    }
}

fn shipment_state(state: ShipmentState) -> [&'static str; 2] {
    match state {
        ShipmentState::Planned => ["待发货", "To be dispatched"],
        ShipmentState::Dispatched => ["已发货", "Dispatched"],
        ShipmentState::InTransit => ["在途", "In transit"],
        ShipmentState::Arrived => ["已到店", "Arrived"],
        ShipmentState::Received => ["已签收", "Received"],
        ShipmentState::ReceivedWithDifference => ["签收有差异", "Received with a difference"],
        ShipmentState::Cancelled => ["已取消", "Cancelled"],
    }
}
