//! Rounds in the books: drafted, published, asked for, loaded, settled.

pub mod approval;
pub mod draft;
pub mod publish;
pub mod steps;

pub mod intents;
pub mod load;
pub mod pool;

mod transition;

pub use transition::{count_invited, move_to, note_settled, pledged_in_stock, return_unsold};

use super::Result;
use crate::domain::{
    clock::UnixMs,
    ids::{LineId, PoolId, RoundId, SkuId, StoreId, WarehouseId},
    round::{Policy, RoundState},
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};

/// A round's own row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoundRow {
    pub id: RoundId,
    pub code: String,
    pub name: String,
    pub pool_id: PoolId,
    pub state: RoundState,
    /// As planned; pauses are in `shift_ms`.
    pub opens_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    pub shift_ms: i64,
    pub paused_at: Option<DateTime<Utc>>,
    pub policy: Json<Policy>,
    pub day: Option<NaiveDate>,
    pub period: Option<NaiveDate>,
    pub dock_day: Option<NaiveDate>,
    /// The last number handed out, always even.
    pub intent_no: i64,
    /// The last number seen in the log.
    pub applied_no: i64,
    pub closed_at: Option<DateTime<Utc>>,
    /// Changes with every change of the row: what an edit must name.
    pub version: i64,
}

impl RoundRow {
    pub fn opens_ms(&self) -> UnixMs {
        self.opens_at.timestamp_millis()
    }

    pub fn closes_ms(&self) -> UnixMs {
        self.closes_at.timestamp_millis()
    }
}

/// An offer line's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LineRow {
    pub id: LineId,
    pub line_no: i32,
    pub sku_id: SkuId,
    pub warehouse_id: WarehouseId,
    pub pledged: i64,
    pub holdback: i64,
    pub granted: i64,
    pub returned: i64,
    pub price_cents: i64,
    /// What the SKU costs outside rounds.
    pub list_price_cents: i64,
    pub pack: i64,
    pub min_claim: i64,
    pub cap_line: Option<i64>,
    pub sold_out_at: Option<DateTime<Utc>>,
}

impl LineRow {
    /// Units still to be had.
    pub fn left(&self) -> i64 {
        self.pledged - self.holdback - self.granted - self.returned
    }
}

macro_rules! select_rounds {
    ($rest:literal) => {
        concat!(
            "select id, code, name, pool_id, state, opens_at, closes_at, shift_ms, paused_at, policy, day, period, dock_day,
                    intent_no, applied_no, closed_at, xmin::text::bigint as version
               from rounds ",
            $rest
        )
    };
}

pub async fn round(tx: &mut PgConnection, id: RoundId) -> Result<Option<RoundRow>> {
    sqlx::query_as(select_rounds!("where id = $1")).bind(id).fetch_optional(tx).await
}

/// Reads the round and holds it to the commit: every change of a round begins so, and they take turns.
pub async fn round_for_update(tx: &mut PgConnection, id: RoundId) -> Result<Option<RoundRow>> {
    let held = sqlx::query("select 1 from rounds where id = $1 for update").bind(id).fetch_optional(&mut *tx).await?;
    if held.is_none() {
        return Ok(None);
    }
    round(tx, id).await
}

macro_rules! select_lines {
    ($rest:literal) => {
        concat!(
            "select id, line_no, sku_id, warehouse_id, pledged, holdback, granted, returned, price_cents, pack, min_claim,
                    cap_line, sold_out_at,
                    (select k.price_cents from skus k where k.id = offer_lines.sku_id) as list_price_cents
               from offer_lines
              where round_id = $1
              order by id ",
            $rest
        )
    };
}

/// In the order of their ids.
pub async fn lines(tx: &mut PgConnection, id: RoundId) -> Result<Vec<LineRow>> {
    sqlx::query_as(select_lines!("")).bind(id).fetch_all(tx).await
}

/// Held to the commit, taken in the order of their ids.
pub async fn lines_for_update(tx: &mut PgConnection, id: RoundId) -> Result<Vec<LineRow>> {
    sqlx::query_as(select_lines!("for update")).bind(id).fetch_all(tx).await
}

pub async fn invited_stores(tx: &mut PgConnection, id: RoundId) -> Result<Vec<StoreId>> {
    sqlx::query_scalar("select store_id from invitations where round_id = $1 order by store_id")
        .bind(id)
        .fetch_all(tx)
        .await
}

/// The pool's rounds that time still changes: published and not yet archived, soonest first.
pub async fn current(tx: &mut PgConnection, pool: &PoolId) -> Result<Vec<RoundRow>> {
    sqlx::query_as(select_rounds!(
        "where pool_id = $1
           and state in ('SCHEDULED','WARMING','OPEN','PAUSED','SETTLING','CLOSED')
         order by opens_at, id"
    ))
    .bind(pool)
    .fetch_all(tx)
    .await
}
