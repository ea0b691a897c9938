//! List prices of SKUs that exist.

use super::{super::Result, undo::Changed};
use crate::domain::ids::{ImportId, SkuId};
use sqlx::PgConnection;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRow {
    pub row: i32,
    pub sku_id: SkuId,
    pub price_cents: i64,
}

pub async fn apply(tx: &mut PgConnection, import_id: ImportId, rows: &[PriceRow]) -> Result<()> {
    let ids: Vec<_> = rows.iter().map(|row| row.sku_id.0).collect();
    sqlx::query("select from skus where id = any($1) order by id for no key update")
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    let prices: Vec<_> = rows.iter().map(|row| row.price_cents).collect();
    sqlx::query(
        "insert into import_changes (import_id, row_no, subject, before, after)
         select $1, g.row_no, g.id, to_jsonb(s.price_cents), to_jsonb(g.price)
           from unnest($2::int[], $3::uuid[], $4::bigint[]) as g (row_no, id, price)
           join skus s on s.id = g.id",
    )
    .bind(import_id)
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(&ids)
    .bind(&prices)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update skus s
            set price_cents = g.price
           from unnest($1::uuid[], $2::bigint[]) as g (id, price)
          where s.id = g.id",
    )
    .bind(&ids)
    .bind(&prices)
    .execute(tx)
    .await
    .map(|_| ())
}

/// Rows whose price is not the one that the job set.
pub async fn changed_since(tx: &mut PgConnection, import_id: ImportId) -> Result<Vec<Changed>> {
    sqlx::query(
        "select from skus
          where id in (select subject from import_changes where import_id = $1)
          order by id
            for no key update",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query_as(
        "select c.row_no, coalesce(s.code, '') as what
           from import_changes c
           left join skus s on s.id = c.subject
          where c.import_id = $1
            and (s.id is null or to_jsonb(s.price_cents) <> c.after)
          order by c.row_no",
    )
    .bind(import_id)
    .fetch_all(tx)
    .await
}

pub async fn undo(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query(
        "update skus s
            set price_cents = c.before::bigint
           from import_changes c
          where c.import_id = $1
            and c.subject = s.id",
    )
    .bind(import_id)
    .execute(tx)
    .await
    .map(|_| ())
}
