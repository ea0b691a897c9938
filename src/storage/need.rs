//! What is known of one SKU in every invited store, for the sum of its need.

use super::Result;
use crate::domain::{
    ids::{RoundId, SkuId, StoreId},
    need::NeedInput,
};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Length of the window of sales, in days, ending at the last day with data.
pub const SALES_DAYS: i32 = 28;

/// The last day with sales data of the chain; `None` before any.
pub async fn last_day_of_sales(tx: &mut PgConnection) -> Result<Option<NaiveDate>> {
    sqlx::query_scalar("select max(day) from sales_days").fetch_one(tx).await
}

#[derive(sqlx::FromRow)]
struct Row {
    store_id: StoreId,
    listed: bool,
    on_hand: i64,
    inbound: i64,
    sales_units: i64,
    stockout_days: i64,
    lead_days: i64,
    review_days: i64,
    safety_days: i64,
    presentation_units: i64,
    max_units: i64,
}

pub struct StoreNeed {
    pub store_id: StoreId,
    pub listed: bool,
    pub input: NeedInput,
}

/// One query a SKU, so that 5,000 stores stay far below the statement timeout. A store without a shelf policy for the
/// SKU has room for nothing and so needs nothing.
pub async fn of_invited(
    tx: &mut PgConnection,
    round: RoundId,
    sku: SkuId,
    as_of: Option<NaiveDate>,
) -> Result<Vec<StoreNeed>> {
    let rows: Vec<Row> = sqlx::query_as(
        "with sales as (
           select store_id, sum(units)::bigint as units,
                  count(*) filter (where out_of_stock) as stockout_days
             from sales_days
            where sku_id = $2
              and day > $3::date - $4
              and day <= $3::date
            group by store_id)
         select i.store_id,
                g.store_id is not null as listed,
                coalesce(l.on_hand, 0) as on_hand,
                coalesce(l.inbound, 0) as inbound,
                coalesce(s.units, 0) as sales_units,
                coalesce(s.stockout_days, 0) as stockout_days,
                coalesce(p.lead_days, 0) as lead_days,
                coalesce(p.review_days, 0) as review_days,
                coalesce(p.safety_days, 0) as safety_days,
                coalesce(p.presentation_units, 0) as presentation_units,
                coalesce(p.max_units, 0) as max_units
           from invitations i
           left join listings g on g.store_id = i.store_id and g.sku_id = $2
           left join stock_levels l on l.site_id = i.store_id and l.sku_id = $2
           left join stock_policies p on p.store_id = i.store_id and p.sku_id = $2
           left join sales s on s.store_id = i.store_id
          where i.round_id = $1
          order by i.store_id",
    )
    .bind(round)
    .bind(sku)
    .bind(as_of)
    .bind(SALES_DAYS)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(StoreNeed::from).collect())
}

impl From<Row> for StoreNeed {
    fn from(row: Row) -> Self {
        Self {
            store_id: row.store_id,
            listed: row.listed,
            input: NeedInput {
                on_hand: row.on_hand,
                in_transit: row.inbound,
                // A grant stands in the store's inbound bucket from its order on.
                granted_not_shipped: 0,
                sales_units: row.sales_units,
                days: i64::from(SALES_DAYS),
                stockout_days: row.stockout_days,
                lead_days: row.lead_days,
                review_days: row.review_days,
                safety_days: row.safety_days,
                presentation_units: row.presentation_units,
                max_units: row.max_units,
            },
        }
    }
}
