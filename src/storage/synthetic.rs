//! A chain of any size for benchmarks, made by Postgres itself: every store lists every SKU, most pairs sell nothing.

use super::Result;
use sqlx::PgConnection;

#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub stores: i32,
    pub skus: i32,
    pub sales_lines: i32,
}

/// Stores and SKUs without anything between them.
pub async fn begin(tx: &mut PgConnection, size: Size) -> Result<()> {
    sqlx::query("insert into pools (id) values ('main') on conflict do nothing").execute(&mut *tx).await?;
    sqlx::query(
        "insert into chain (name, currency, time_zone, labelled_demo) values ('bench', 'CNY', 'Asia/Shanghai', true)",
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into stores (id, code, name, region, pool_id, credit_limit_cents, dock_units_per_day)
         select gen_random_uuid(), 'B' || i, 'store ' || i, 'region ' || i % 7, 'main', 0, 0
           from generate_series(1, $1) as i",
    )
    .bind(size.stores)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into skus (id, code, name, category, case_pack, price_cents)
         select gen_random_uuid(), 'B' || i, 'sku ' || i, 'category ' || i % 40, 12, 100 + i
           from generate_series(1, $1) as i",
    )
    .bind(size.skus)
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores that list nothing yet, so many of them, get every SKU with its shelf, and a tenth of the pairs some stock; how
/// many stores there were.
pub async fn list_everything(tx: &mut PgConnection, stores_max: i64) -> Result<i64> {
    sqlx::query_scalar(
        "with empty as (
           select s.id
             from stores s
            where not exists (select from listings l where l.store_id = s.id)
            order by s.id
            limit $1
         ), listed as (
           insert into listings (store_id, sku_id)
           select e.id, k.id
             from empty e
            cross join skus k
         ), shelved as (
           insert into stock_policies (store_id, sku_id, max_units, presentation_units, safety_days, lead_days,
                                       review_days, derived)
           select e.id, k.id, 60, 6, 2, 2, 3, true
             from empty e
            cross join skus k
         ), stocked as (
           insert into stock_levels (site_id, sku_id, on_hand)
           select e.id, k.id, 1 + abs(hashtext(e.id::text || k.id::text)) % 20
             from empty e
            cross join skus k
            where abs(hashtext(k.id::text || e.id::text)) % 10 = 0
         )
         select count(*) from empty",
    )
    .bind(stores_max)
    .fetch_one(tx)
    .await
}

/// Sales lines over some tens of thousands of pairs, on as many days as it takes.
pub async fn sell(tx: &mut PgConnection, size: Size) -> Result<()> {
    sqlx::query(
        "with s as (select id, row_number() over (order by id) - 1 as no from stores),
              k as (select id, row_number() over (order by id) - 1 as no from skus)
         insert into sales_days (store_id, sku_id, day, units)
         select s.id, k.id, '2026-11-20'::date - i / 20011, 1 + i % 9
           from generate_series(0, $3 - 1) as i
           join s on s.no = (i % 20011)::bigint * 7919 % $1
           join k on k.no = (i % 20011)::bigint * 7919 / $1 % $2",
    )
    .bind(size.stores)
    .bind(size.skus)
    .bind(size.sales_lines)
    .execute(tx)
    .await?;
    Ok(())
}

/// As the database's own housekeeping would some minutes later.
pub async fn settle(db: &mut PgConnection) -> Result<()> {
    sqlx::query("analyze").execute(db).await?;
    Ok(())
}
