//! Sales line by line: an order's line counts once, however often it is fed, and a day's sales are the sum of its lines.

use super::{super::Result, undo::Changed};
use crate::domain::ids::{ImportId, SkuId, StoreId};
use chrono::NaiveDate;
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineRow {
    pub row: i32,
    pub order_no: String,
    pub line_no: i64,
    pub store_id: StoreId,
    pub sku_id: SkuId,
    pub day: NaiveDate,
    pub units: i64,
}

/// A row that the books have something to say to.
#[derive(Clone, Debug, FromRow)]
pub struct Known {
    pub row_no: i32,
    /// Of the line in the books, when that is another store's.
    pub other_store: Option<String>,
    pub same: bool,
}

/// Lines that stand in the books already.
pub async fn known(tx: &mut PgConnection, rows: &[LineRow]) -> Result<Vec<Known>> {
    sqlx::query_as(
        "select g.row_no,
                case when l.store_id <> g.store_id then s.code end as other_store,
                (l.store_id, l.sku_id, l.day, l.units) = (g.store_id, g.sku_id, g.day, g.units) as same
           from unnest($1::int[], $2::text[], $3::bigint[], $4::uuid[], $5::uuid[], $6::date[], $7::bigint[])
             as g (row_no, order_no, line_no, store_id, sku_id, day, units)
           join sales_lines l on l.order_no = g.order_no and l.line_no = g.line_no
           join stores s on s.id = l.store_id",
    )
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.order_no.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.line_no).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.day).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.units).collect::<Vec<_>>())
    .fetch_all(tx)
    .await
}

/// Rows of days that were fed as totals: their lines would count twice.
pub async fn of_totals(tx: &mut PgConnection, rows: &[LineRow]) -> Result<Vec<i32>> {
    sqlx::query_scalar(
        "select g.row_no
           from unnest($1::int[], $2::uuid[], $3::uuid[], $4::date[]) as g (row_no, store_id, sku_id, day)
           join sales_days d on d.sku_id = g.sku_id and d.store_id = g.store_id and d.day = g.day
          where not exists (select from sales_lines l
                             where l.sku_id = d.sku_id and l.store_id = d.store_id and l.day = d.day)
          order by g.row_no",
    )
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.day).collect::<Vec<_>>())
    .fetch_all(tx)
    .await
}

/// Only lines that are new or differ.
pub async fn apply(tx: &mut PgConnection, import_id: ImportId, rows: &[LineRow]) -> Result<()> {
    sqlx::query(
        "insert into import_changes (import_id, row_no, subject, before)
         select $1, g.row_no, l.sku_id, to_jsonb(l)
           from unnest($2::int[], $3::text[], $4::bigint[]) as g (row_no, order_no, line_no)
           join sales_lines l on l.order_no = g.order_no and l.line_no = g.line_no",
    )
    .bind(import_id)
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.order_no.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.line_no).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into sales_lines as l (import_id, import_row, order_no, line_no, store_id, sku_id, day, units)
         select $1, * from unnest($2::int[], $3::text[], $4::bigint[], $5::uuid[], $6::uuid[], $7::date[], $8::bigint[])
         on conflict (order_no, line_no) do update
            set import_id = excluded.import_id, import_row = excluded.import_row, sku_id = excluded.sku_id,
                day = excluded.day, units = excluded.units",
    )
    .bind(import_id)
    .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.order_no.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.line_no).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.day).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.units).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    remember_days(tx, import_id).await?;
    sum_up(tx).await
}

/// The days that the job's lines belong to, and those that they belonged to before, for `sum_up`.
async fn remember_days(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query(
        "create temporary table touched_days (sku_id uuid, store_id uuid, day date, primary key (sku_id, store_id, day))
             on commit drop",
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into touched_days
         select sku_id, store_id, day from sales_lines where import_id = $1
          union
         select (before ->> 'sku_id')::uuid, (before ->> 'store_id')::uuid, (before ->> 'day')::date
           from import_changes
          where import_id = $1",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("analyze touched_days").execute(tx).await.map(|_| ())
}

/// A day without any line left is no day of sales.
async fn sum_up(tx: &mut PgConnection) -> Result<()> {
    sqlx::query(
        "insert into sales_days as d (sku_id, store_id, day, units)
         select sku_id, store_id, day, sum(l.units)
           from touched_days
           join sales_lines l using (sku_id, store_id, day)
          group by sku_id, store_id, day
         on conflict (sku_id, store_id, day) do update set units = excluded.units
          where d.units <> excluded.units",
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from sales_days d
          using touched_days t
          where (d.sku_id, d.store_id, d.day) = (t.sku_id, t.store_id, t.day)
            and not exists (select from sales_lines l
                             where (l.sku_id, l.store_id, l.day) = (t.sku_id, t.store_id, t.day))",
    )
    .execute(tx)
    .await
    .map(|_| ())
}

/// Rows whose line a later job wrote anew.
pub async fn changed_since(tx: &mut PgConnection, import_id: ImportId) -> Result<Vec<Changed>> {
    sqlx::query_as(
        "select (c.before ->> 'import_row')::int as row_no,
                (c.before ->> 'order_no') || ' ' || (c.before ->> 'line_no') as what
           from imports i
           join import_changes c on c.import_id = i.id
          where i.kind = 'sales'
            and i.state = 'APPLIED'
            and i.id <> $1
            and c.before ->> 'import_id' = $1::text
          order by 1",
    )
    .bind(import_id)
    .fetch_all(tx)
    .await
}

pub async fn undo(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    remember_days(tx, import_id).await?;
    sqlx::query(
        "delete from sales_lines l
          where l.import_id = $1
            and not exists (select from import_changes c where c.import_id = $1 and c.row_no = l.import_row)",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update sales_lines l
            set sku_id     = (c.before ->> 'sku_id')::uuid,
                day        = (c.before ->> 'day')::date,
                units      = (c.before ->> 'units')::bigint,
                import_id  = (c.before ->> 'import_id')::uuid,
                import_row = (c.before ->> 'import_row')::int
           from import_changes c
          where c.import_id = $1
            and l.import_id = $1
            and l.import_row = c.row_no",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sum_up(tx).await
}
