//! Stock of the warehouses, by SKU.

use super::{PAGE, Pages};
use crate::{domain::ids::WarehouseId, storage::Result};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, Default)]
pub struct Stock {
    pub warehouse_id: Option<WarehouseId>,
    /// Part of the SKU's code or name.
    pub text: Option<String>,
    /// Codes of SKU and warehouse.
    pub after: Option<(String, String)>,
}

#[derive(Clone, Debug, FromRow)]
pub struct StockRow {
    pub warehouse_code: String,
    pub warehouse_name: String,
    pub sku_code: String,
    pub sku_name: String,
    pub category: String,
    pub case_pack: i64,
    pub on_hand: i64,
    pub allocated: i64,
    pub pledged: i64,
    pub available: i64,
    pub price_cents: i64,
}

/// `$1` and `$2` are the filter.
macro_rules! levels {
    () => {
        "  from warehouses w
           join stock_levels l on l.site_id = w.id
           join skus k on k.id = l.sku_id
          where ($1::uuid is null or w.id = $1)
            and ($2::text is null or position(lower($2) in lower(k.code || ' ' || k.name)) > 0)"
    };
}

impl Pages for Stock {
    type Row = StockRow;

    async fn count(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(concat!("select count(*)", levels!()))
            .bind(self.warehouse_id)
            .bind(&self.text)
            .fetch_one(db)
            .await
    }

    async fn next(&mut self, db: &mut PgConnection) -> Result<Vec<StockRow>> {
        let rows: Vec<StockRow> = sqlx::query_as(concat!(
            "select w.code as warehouse_code, w.name as warehouse_name, k.code as sku_code, k.name as sku_name, k.category,
                    k.case_pack, l.on_hand, l.allocated, l.pledged, l.on_hand - l.allocated - l.pledged as available,
                    k.price_cents",
            levels!(),
            "   and ($3::text is null or (k.code, w.code) > ($3, $4))
              order by k.code, w.code
              limit $5"
        ))
        .bind(self.warehouse_id)
        .bind(&self.text)
        .bind(self.after.as_ref().map(|(sku, _)| sku))
        .bind(self.after.as_ref().map(|(_, warehouse)| warehouse))
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        let last = rows.last().map(|row| (row.sku_code.clone(), row.warehouse_code.clone()));
        self.after = last.or(self.after.take());
        Ok(rows)
    }
}
