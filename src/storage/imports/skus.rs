//! SKUs from a file: new ones are made, known ones changed; what a file does not say stays as it is.

use super::{super::Result, undo::Changed};
use crate::domain::ids::{ImportId, SkuId};
use sqlx::{PgConnection, Postgres, postgres::PgArguments, query::Query};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkuRow {
    pub row: i32,
    /// Of the known SKU, or a fresh one.
    pub sku_id: SkuId,
    pub is_new: bool,
    pub code: String,
    pub name: String,
    pub category: String,
    pub brand: Option<String>,
    pub case_pack: i64,
    /// Outer `None`: the file does not say.
    pub inner_pack: Option<Option<i64>>,
    pub broken_case_ok: Option<bool>,
    /// `None`: the price of a known SKU stays.
    pub price_cents: Option<i64>,
    pub barcode: Option<String>,
    pub case_barcode: Option<String>,
}

macro_rules! image {
    ($s:literal) => {
        concat!(
            "jsonb_build_object('name', ",
            $s,
            ".name, 'category', ",
            $s,
            ".category, 'brand', ",
            $s,
            ".brand, 'case_pack', ",
            $s,
            ".case_pack, 'inner_pack', ",
            $s,
            ".inner_pack, 'broken_case_ok', ",
            $s,
            ".broken_case_ok, 'price_cents', ",
            $s,
            ".price_cents, 'barcode', ",
            $s,
            ".barcode, 'case_barcode', ",
            $s,
            ".case_barcode)"
        )
    };
}

macro_rules! given {
    ($($rest:expr),+) => {
        concat!(
            "with given as (
               select * from unnest($2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
                                    $8::bigint[], $9::bool[], $10::bigint[], $11::bool[], $12::bigint[], $13::text[],
                                    $14::text[])
                          as g (row_no, id, code, name, category, brand, case_pack, inner_said, inner_pack, broken,
                                price, barcode, case_barcode)) ",
            $($rest),+
        )
    };
}

fn bound<'q>(
    query: Query<'q, Postgres, PgArguments>,
    import_id: ImportId,
    rows: &[SkuRow],
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(import_id)
        .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.code.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.category.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.brand.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.case_pack).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.inner_pack.is_some()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.inner_pack.flatten()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.broken_case_ok).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.price_cents).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.barcode.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.case_barcode.clone()).collect::<Vec<_>>())
}

pub async fn apply(tx: &mut PgConnection, import_id: ImportId, rows: &[SkuRow]) -> Result<()> {
    sqlx::query("select from skus where id = any($1) order by id for no key update")
        .bind(rows.iter().map(|row| row.sku_id.0).collect::<Vec<_>>())
        .execute(&mut *tx)
        .await?;
    let before = given!(
        "insert into import_changes (import_id, row_no, subject, before)
         select $1, g.row_no, g.id, case when s.id is not null then ",
        image!("s"),
        " end
           from given g
           left join skus s on s.id = g.id"
    );
    bound(sqlx::query(before), import_id, rows).execute(&mut *tx).await?;
    let change = given!(
        ", said as (select $1::uuid)
         update skus s
            set name           = g.name,
                category       = g.category,
                brand          = coalesce(g.brand, s.brand),
                case_pack      = g.case_pack,
                inner_pack     = case when g.inner_said then g.inner_pack else s.inner_pack end,
                broken_case_ok = coalesce(g.broken, s.broken_case_ok),
                price_cents    = coalesce(g.price, s.price_cents),
                barcode        = coalesce(g.barcode, s.barcode),
                case_barcode   = coalesce(g.case_barcode, s.case_barcode)
           from given g
          where s.id = g.id"
    );
    bound(sqlx::query(change), import_id, rows).execute(&mut *tx).await?;
    let add = given!(
        ", said as (select $1::uuid)
         insert into skus (id, code, name, category, brand, case_pack, inner_pack, broken_case_ok, price_cents, barcode,
                           case_barcode)
         select g.id, g.code, g.name, g.category, coalesce(g.brand, ''), g.case_pack, g.inner_pack,
                coalesce(g.broken, false), coalesce(g.price, 0), coalesce(g.barcode, ''), coalesce(g.case_barcode, '')
           from given g
          where not exists (select from skus s where s.id = g.id)"
    );
    bound(sqlx::query(add), import_id, rows).execute(&mut *tx).await?;
    let after = concat!(
        "update import_changes c set after = ",
        image!("s"),
        " from skus s where c.import_id = $1 and s.id = c.subject"
    );
    sqlx::query(after).bind(import_id).execute(tx).await.map(|_| ())
}

/// Rows whose SKU is not as the job left it.
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
    sqlx::query_as(concat!(
        "select c.row_no, coalesce(s.code, '') as what
           from import_changes c
           left join skus s on s.id = c.subject
          where c.import_id = $1
            and (s.id is null or ",
        image!("s"),
        " <> c.after)
          order by c.row_no"
    ))
    .bind(import_id)
    .fetch_all(tx)
    .await
}

/// What stood there before. A SKU that others refer to meanwhile cannot be taken away: a foreign key says so.
pub async fn undo(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query(
        "update skus s
            set name           = c.before ->> 'name',
                category       = c.before ->> 'category',
                brand          = c.before ->> 'brand',
                case_pack      = (c.before ->> 'case_pack')::bigint,
                inner_pack     = (c.before ->> 'inner_pack')::bigint,
                broken_case_ok = (c.before ->> 'broken_case_ok')::bool,
                price_cents    = (c.before ->> 'price_cents')::bigint,
                barcode        = c.before ->> 'barcode',
                case_barcode   = c.before ->> 'case_barcode'
           from import_changes c
          where c.import_id = $1
            and c.subject = s.id
            and c.before is not null",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from skus where id in (select subject from import_changes where import_id = $1 and before is null)",
    )
    .bind(import_id)
    .execute(tx)
    .await
    .map(|_| ())
}
