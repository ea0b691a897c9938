//! The goods.

use super::{PAGE, Pages};
use crate::storage::Result;
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, Default)]
pub struct Skus {
    /// Part of code, name or barcode.
    pub text: Option<String>,
    pub after: Option<String>,
}

#[derive(Clone, Debug, FromRow)]
pub struct SkuRow {
    pub code: String,
    pub name: String,
    pub category: String,
    pub brand: String,
    pub barcode: String,
    pub case_pack: i64,
    pub inner_pack: Option<i64>,
    pub broken_case_ok: bool,
    pub price_cents: i64,
}

/// `$1` is the filter.
macro_rules! skus {
    () => {
        "  from skus
          where ($1::text is null or position(lower($1) in lower(code || ' ' || name || ' ' || barcode)) > 0)"
    };
}

impl Pages for Skus {
    type Row = SkuRow;

    async fn count(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(concat!("select count(*)", skus!())).bind(&self.text).fetch_one(db).await
    }

    async fn next(&mut self, db: &mut PgConnection) -> Result<Vec<SkuRow>> {
        let rows: Vec<SkuRow> = sqlx::query_as(concat!(
            "select code, name, category, brand, barcode, case_pack, inner_pack, broken_case_ok, price_cents",
            skus!(),
            "   and ($2::text is null or code > $2)
              order by code
              limit $3"
        ))
        .bind(&self.text)
        .bind(&self.after)
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        self.after = rows.last().map(|row| row.code.clone()).or(self.after.take());
        Ok(rows)
    }
}
