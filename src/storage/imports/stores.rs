//! Stores from a file: new ones are made, known ones changed; what a file does not say stays as it is.

use super::{super::Result, undo::Changed};
use crate::domain::ids::{ImportId, PoolId, StoreId, UserId};
use sqlx::{PgConnection, Postgres, postgres::PgArguments, query::Query};

#[derive(Clone, Debug, PartialEq)]
pub struct StoreRow {
    pub row: i32,
    /// Of the known store, or a fresh one.
    pub store_id: StoreId,
    pub is_new: bool,
    pub code: String,
    pub name: String,
    pub region: String,
    /// `None`: the file does not say, or nobody knows.
    pub place: Option<(f64, f64)>,
    pub active: Option<bool>,
    pub dock_units_per_day: Option<i64>,
    pub credit_limit_cents: Option<i64>,
}

/// Of a new store of which the file does not say it.
pub const DOCK_UNITS_PER_DAY: i64 = 1_000;

/// What a row may change, as it stands in a before-image.
macro_rules! image {
    ($s:literal) => {
        concat!(
            "jsonb_build_object('name', ",
            $s,
            ".name, 'region', ",
            $s,
            ".region, 'lat', ",
            $s,
            ".lat, 'lng', ",
            $s,
            ".lng, 'active', ",
            $s,
            ".active, 'dock', ",
            $s,
            ".dock_units_per_day, 'credit', ",
            $s,
            ".credit_limit_cents)"
        )
    };
}

macro_rules! given {
    ($($rest:expr),+) => {
        concat!(
            "with given as (
               select * from unnest($2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::float8[],
                                    $8::float8[], $9::bool[], $10::bigint[], $11::bigint[])
                          as g (row_no, id, code, name, region, lat, lng, active, dock, credit)) ",
            $($rest),+
        )
    };
}

fn bound<'q>(
    query: Query<'q, Postgres, PgArguments>,
    import_id: ImportId,
    rows: &[StoreRow],
) -> Query<'q, Postgres, PgArguments> {
    query
        .bind(import_id)
        .bind(rows.iter().map(|row| row.row).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.code.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.region.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.place.map(|place| place.0)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.place.map(|place| place.1)).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.active).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.dock_units_per_day).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.credit_limit_cents).collect::<Vec<_>>())
}

pub async fn apply(tx: &mut PgConnection, import_id: ImportId, pool: &PoolId, rows: &[StoreRow]) -> Result<()> {
    lock(tx, &rows.iter().map(|row| row.store_id.0).collect::<Vec<_>>()).await?;
    let before = given!(
        "insert into import_changes (import_id, row_no, subject, before)
         select $1, g.row_no, g.id, case when s.id is not null then ",
        image!("s"),
        " end
           from given g
           left join stores s on s.id = g.id"
    );
    bound(sqlx::query(before), import_id, rows).execute(&mut *tx).await?;
    let change = given!(
        ", said as (select $1::uuid)
         update stores s
            set name                = g.name,
                region              = g.region,
                lat                 = coalesce(g.lat, s.lat),
                lng                 = coalesce(g.lng, s.lng),
                active              = coalesce(g.active, s.active),
                dock_units_per_day  = coalesce(g.dock, s.dock_units_per_day),
                credit_limit_cents  = coalesce(g.credit, s.credit_limit_cents)
           from given g
          where s.id = g.id"
    );
    bound(sqlx::query(change), import_id, rows).execute(&mut *tx).await?;
    let add = given!(
        ", said as (select $1::uuid)
         insert into stores (id, code, name, region, lat, lng, pool_id, credit_limit_cents, dock_units_per_day, active)
         select g.id, g.code, g.name, g.region, g.lat, g.lng, $12, coalesce(g.credit, 0), coalesce(g.dock, $13),
                coalesce(g.active, true)
           from given g
          where not exists (select from stores s where s.id = g.id)"
    );
    bound(sqlx::query(add), import_id, rows).bind(pool).bind(DOCK_UNITS_PER_DAY).execute(&mut *tx).await?;
    let after = concat!(
        "update import_changes c set after = ",
        image!("s"),
        " from stores s where c.import_id = $1 and s.id = c.subject"
    );
    sqlx::query(after).bind(import_id).execute(tx).await.map(|_| ())
}

/// Whose stores a job closed: what they signed in for is no more.
pub async fn users_of_closed(tx: &mut PgConnection, import_id: ImportId) -> Result<Vec<UserId>> {
    sqlx::query_scalar(
        "select distinct u.user_id
           from import_changes c
           join user_stores u on u.store_id = c.subject
          where c.import_id = $1
            and (c.before ->> 'active')::boolean
            and not (c.after ->> 'active')::boolean
          order by u.user_id",
    )
    .bind(import_id)
    .fetch_all(tx)
    .await
}

async fn lock(tx: &mut PgConnection, ids: &[uuid::Uuid]) -> Result<()> {
    sqlx::query("select from stores where id = any($1) order by id for no key update")
        .bind(ids)
        .execute(tx)
        .await
        .map(|_| ())
}

/// Rows whose store is not as the job left it, or that is new and has stock meanwhile, to which no foreign key points.
pub async fn changed_since(tx: &mut PgConnection, import_id: ImportId) -> Result<Vec<Changed>> {
    sqlx::query(
        "select from stores
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
           left join stores s on s.id = c.subject
          where c.import_id = $1
            and (s.id is null or ",
        image!("s"),
        " <> c.after
                 or c.before is null and exists (select from stock_levels l where l.site_id = s.id))
          order by c.row_no"
    ))
    .bind(import_id)
    .fetch_all(tx)
    .await
}

/// What stood there before. A store that others refer to meanwhile cannot be taken away: a foreign key says so.
pub async fn undo(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query(
        "update stores s
            set name               = c.before ->> 'name',
                region             = c.before ->> 'region',
                lat                = (c.before ->> 'lat')::float8,
                lng                = (c.before ->> 'lng')::float8,
                active             = (c.before ->> 'active')::bool,
                dock_units_per_day = (c.before ->> 'dock')::bigint,
                credit_limit_cents = (c.before ->> 'credit')::bigint
           from import_changes c
          where c.import_id = $1
            and c.subject = s.id
            and c.before is not null",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from stores where id in (select subject from import_changes where import_id = $1 and before is null)",
    )
    .bind(import_id)
    .execute(tx)
    .await
    .map(|_| ())
}
