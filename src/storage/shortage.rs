//! What the chain is shortest of, for whoever looks for something to offer.

use super::Result;
use crate::domain::ids::{SkuId, WarehouseId};
use sqlx::{FromRow, PgConnection};

/// A SKU that a warehouse can spare and stores lack.
#[derive(Clone, Debug, FromRow)]
pub struct Shortage {
    pub sku_id: SkuId,
    pub warehouse_id: WarehouseId,
    pub name: String,
    pub case_pack: i64,
    /// Units in the warehouse, neither promised nor pledged.
    pub available: i64,
    /// Units by which stores are below their sales of the last 28 days with data.
    pub short: i64,
}

/// The SKUs that stores are shortest of, with the warehouse that can spare most; only those it can spare `cases` of.
pub async fn most_needed(db: &mut PgConnection, cases: i64, limit: i64) -> Result<Vec<Shortage>> {
    sqlx::query_as(
        "with days as (
           select max(day) as last from sales_days
         ), sold as (
           select s.store_id, s.sku_id, sum(s.units) as units
             from sales_days s, days
            where s.day > days.last - 28
            group by s.store_id, s.sku_id
         ), short as (
           select sold.sku_id, sum(greatest(0, sold.units - coalesce(l.on_hand + l.inbound, 0)))::bigint as short
             from sold
             left join stock_levels l on l.site_id = sold.store_id and l.sku_id = sold.sku_id
            group by sold.sku_id
         ), spare as (
           select distinct on (l.sku_id) l.sku_id, w.id as warehouse_id, l.on_hand - l.allocated - l.pledged as available
             from stock_levels l
             join warehouses w on w.id = l.site_id
            order by l.sku_id, l.on_hand - l.allocated - l.pledged desc
         )
         select k.id as sku_id, spare.warehouse_id, k.name, k.case_pack, spare.available, short.short
           from short
           join spare using (sku_id)
           join skus k on k.id = short.sku_id
          where spare.available >= k.case_pack * $1
            and short.short >= k.case_pack
          order by short.short / k.case_pack desc, k.id
          limit $2",
    )
    .bind(cases)
    .bind(limit)
    .fetch_all(db)
    .await
}
