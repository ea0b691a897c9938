//! The rows behind a run over the whole chain: what is read, store by store, and what is written, by `copy`.

use super::{Result, need::SALES_DAYS};
use crate::domain::{
    ids::{SkuId, StoreId},
    need::{Need, NeedInput},
    score::Score,
};
use chrono::NaiveDate;
use sqlx::{FromRow, PgConnection};

/// What a store sold of a SKU in the window.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Sold {
    pub store_id: StoreId,
    pub sku_id: SkuId,
    pub units: i64,
    pub stockout_days: i64,
}

/// Sales of the window that ends at `as_of`, of listed pairs of active stores only.
pub async fn sold(tx: &mut PgConnection, as_of: Option<NaiveDate>) -> Result<Vec<Sold>> {
    sqlx::query_as(
        "select d.store_id, d.sku_id, sum(d.units)::bigint as units,
                count(*) filter (where d.out_of_stock) as stockout_days
           from sales_days d
           join listings l on l.store_id = d.store_id and l.sku_id = d.sku_id
           join stores s on s.id = d.store_id and s.active
          where d.day > $1::date - $2
            and d.day <= $1::date
          group by d.store_id, d.sku_id",
    )
    .bind(as_of)
    .bind(SALES_DAYS)
    .fetch_all(tx)
    .await
}

/// How many active stores list each SKU.
pub async fn listed_stores(tx: &mut PgConnection) -> Result<Vec<(SkuId, i64)>> {
    sqlx::query_as(
        "select l.sku_id, count(*)
           from listings l
           join stores s on s.id = l.store_id and s.active
          group by l.sku_id",
    )
    .fetch_all(tx)
    .await
}

/// Every active store that lists something, with the number of its SKUs, in the order of ids.
pub async fn stores(tx: &mut PgConnection) -> Result<Vec<(StoreId, i64)>> {
    sqlx::query_as(
        "select l.store_id, count(*)
           from listings l
           join stores s on s.id = l.store_id and s.active
          group by l.store_id
          order by l.store_id",
    )
    .fetch_all(tx)
    .await
}

/// Shelf and stock of one listed pair.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    pub store_id: StoreId,
    pub sku_id: SkuId,
    on_hand: i64,
    inbound: i64,
    lead_days: i64,
    review_days: i64,
    safety_days: i64,
    presentation_units: i64,
    max_units: i64,
}

type Columns = (StoreId, SkuId, i64, i64, i64, i64, i64, i64, i64);

/// All listed pairs of these stores. Read by position: names would be looked up two million times a column.
pub async fn shelves(tx: &mut PgConnection, stores: &[StoreId]) -> Result<Vec<Shelf>> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select g.store_id, g.sku_id,
                coalesce(l.on_hand, 0), coalesce(l.inbound, 0),
                coalesce(p.lead_days, 0), coalesce(p.review_days, 0), coalesce(p.safety_days, 0),
                coalesce(p.presentation_units, 0), coalesce(p.max_units, 0)
           from listings g
           left join stock_levels l on l.site_id = g.store_id and l.sku_id = g.sku_id
           left join stock_policies p on p.store_id = g.store_id and p.sku_id = g.sku_id
          where g.store_id = any($1)
          order by g.store_id, g.sku_id",
    )
    .bind(stores.iter().map(|id| id.0).collect::<Vec<_>>())
    .fetch_all(tx)
    .await?;
    let shelf =
        |(store_id, sku_id, on_hand, inbound, lead_days, review_days, safety_days, shown, max): Columns| Shelf {
            store_id,
            sku_id,
            on_hand,
            inbound,
            lead_days,
            review_days,
            safety_days,
            presentation_units: shown,
            max_units: max,
        };
    Ok(rows.into_iter().map(shelf).collect())
}

impl Shelf {
    /// What R1 asks, given what was sold.
    pub fn input(&self, sales_units: i64, stockout_days: i64) -> NeedInput {
        NeedInput {
            on_hand: self.on_hand,
            in_transit: self.inbound,
            // A grant stands in the store's inbound bucket from its order on.
            granted_not_shipped: 0,
            sales_units,
            days: i64::from(SALES_DAYS),
            stockout_days,
            lead_days: self.lead_days,
            review_days: self.review_days,
            safety_days: self.safety_days,
            presentation_units: self.presentation_units,
            max_units: self.max_units,
        }
    }
}

/// One pair, computed.
#[derive(Clone, Copy, Debug)]
pub struct NeedRow {
    pub store_id: StoreId,
    pub sku_id: SkuId,
    pub need: Need,
    pub score: Score,
}

/// Fields of a row of `needs`, in the order of `write`'s columns.
const FIELDS: i16 = 15;
/// Signature, no flags, no header extension: the binary format of `copy`.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Writes rows in the binary format of `copy`: nothing to quote, nothing for Postgres to parse.
pub async fn write(tx: &mut PgConnection, run_no: i64, rows: &[NeedRow]) -> Result<()> {
    let mut bytes = Vec::with_capacity(HEADER.len() + rows.len() * 192 + 2);
    bytes.extend_from_slice(HEADER);
    for row in rows {
        append(&mut bytes, run_no, row);
    }
    bytes.extend_from_slice(&(-1_i16).to_be_bytes());
    let mut copy = tx
        .copy_in_raw(
            "copy needs (run_no, store_id, sku_id, ads_milli, cover_days, target_units, net_units, need_units,
                         dos_milli, score_bp, shortage_bp, urgency_bp, velocity_bp, debt_bp, reliability_bp)
             from stdin with (format binary)",
        )
        .await?;
    copy.send(bytes.as_slice()).await?;
    copy.finish().await?;
    Ok(())
}

fn append(bytes: &mut Vec<u8>, run_no: i64, row: &NeedRow) {
    let (need, score) = (&row.need, &row.score);
    bytes.extend_from_slice(&FIELDS.to_be_bytes());
    field(bytes, run_no.to_be_bytes());
    field(bytes, row.store_id.0.into_bytes());
    field(bytes, row.sku_id.0.into_bytes());
    for figure in [need.ads_milli, need.cover_days, need.target_units, need.net_units, need.need_units] {
        field(bytes, figure.to_be_bytes());
    }
    match need.dos_milli {
        Some(dos_milli) => field(bytes, dos_milli.to_be_bytes()),
        None => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
    }
    let parts = [score.shortage_bp, score.urgency_bp, score.velocity_bp, score.debt_bp, score.reliability_bp];
    for bp in [score.score_bp].into_iter().chain(parts) {
        // From 0 to 10,000 by construction.
        field(bytes, i16::try_from(bp).unwrap_or(i16::MAX).to_be_bytes());
    }
}

/// A field is its length in bytes and its value, both big-endian.
fn field<const BYTES: usize>(bytes: &mut Vec<u8>, value: [u8; BYTES]) {
    bytes.extend_from_slice(&(BYTES as i32).to_be_bytes());
    bytes.extend_from_slice(&value);
}

/// Clears away rows of all runs but the current one, so many at once; how many went.
pub async fn clear_old(db: &mut PgConnection, rows_max: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from needs
          where ctid = any (array (
                  select ctid
                    from needs
                   where run_no <> coalesce((select max(run_no) from need_runs where state = 'DONE'), 0)
                   limit $1))",
    )
    .bind(rows_max)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
