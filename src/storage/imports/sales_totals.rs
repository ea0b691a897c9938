//! Sales as totals of a store, a SKU and a day: what a file says of a day stands instead of what stood there.

use super::{super::Result, undo::Changed};
use crate::domain::ids::{ImportId, SkuId, StoreId};
use chrono::NaiveDate;
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TotalRow {
    /// The first of the day.
    pub row: i32,
    pub store_id: StoreId,
    pub sku_id: SkuId,
    pub day: NaiveDate,
    pub units: i64,
}

/// A day that stands in the books already.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Known {
    pub row_no: i32,
    /// It was fed line by line: a total would count twice.
    pub of_lines: bool,
    pub same: bool,
}

pub async fn known(tx: &mut PgConnection, rows: &[TotalRow]) -> Result<Vec<Known>> {
    sqlx::query_as(
        "select g.row_no,
                exists (select from sales_lines l
                         where l.sku_id = d.sku_id and l.store_id = d.store_id and l.day = d.day) as of_lines,
                d.units = g.units as same
           from unnest($1::int[], $2::uuid[], $3::uuid[], $4::date[], $5::bigint[])
             as g (row_no, store_id, sku_id, day, units)
           join sales_days d on d.sku_id = g.sku_id and d.store_id = g.store_id and d.day = g.day",
    )
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.day).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.units).collect::<Vec<_>>())
    .fetch_all(tx)
    .await
}

pub async fn apply(tx: &mut PgConnection, import_id: ImportId, rows: &[TotalRow]) -> Result<()> {
    sqlx::query(
        "with given as (
           select * from unnest($2::int[], $3::uuid[], $4::uuid[], $5::date[], $6::bigint[])
                      as g (row_no, store_id, sku_id, day, units)),
         noted as (
           insert into import_changes (import_id, row_no, subject, before, after)
           select $1, g.row_no, g.sku_id, to_jsonb(d.units),
                  jsonb_build_object('store_id', g.store_id, 'day', g.day, 'units', g.units)
             from given g
             left join sales_days d on d.sku_id = g.sku_id and d.store_id = g.store_id and d.day = g.day)
         insert into sales_days (store_id, sku_id, day, units)
         select store_id, sku_id, day, units from given
         on conflict (sku_id, store_id, day) do update set units = excluded.units",
    )
    .bind(import_id)
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.day).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.units).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map(|_| ())
}

/// Rows whose day is not as the job left it.
pub async fn changed_since(tx: &mut PgConnection, import_id: ImportId) -> Result<Vec<Changed>> {
    sqlx::query_as(
        "select c.row_no, k.code || ' ' || (c.after ->> 'day') as what
           from import_changes c
           join skus k on k.id = c.subject
           left join sales_days d on d.sku_id = c.subject and d.store_id = (c.after ->> 'store_id')::uuid
                                 and d.day = (c.after ->> 'day')::date
          where c.import_id = $1
            and c.after is not null
            and d.units is distinct from (c.after ->> 'units')::bigint
          order by c.row_no",
    )
    .bind(import_id)
    .fetch_all(tx)
    .await
}

pub async fn undo(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query(
        "update sales_days d
            set units = c.before::bigint
           from import_changes c
          where c.import_id = $1
            and c.before is not null
            and d.sku_id = c.subject
            and d.store_id = (c.after ->> 'store_id')::uuid
            and d.day = (c.after ->> 'day')::date",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from sales_days d
          using import_changes c
          where c.import_id = $1
            and c.before is null
            and d.sku_id = c.subject
            and d.store_id = (c.after ->> 'store_id')::uuid
            and d.day = (c.after ->> 'day')::date",
    )
    .bind(import_id)
    .execute(tx)
    .await
    .map(|_| ())
}
