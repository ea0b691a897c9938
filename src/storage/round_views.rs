//! One round as people read it: headquarters any, store people those that their store was invited to.

use super::{
    At, Result, counters,
    round_head::{Approval, OwnOfRound, RoundHead, RoundItem, head_columns, head_tables},
    rounds::steps::{self, Happened},
};
use crate::domain::{
    ids::{LineId, PoolId, RoundId, SkuId, StoreId, WarehouseId},
    round::Policy,
};
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{FromRow, PgConnection, types::Json};

/// A draft may be changed without end; its newest changes tell enough.
const HISTORY_MAX: i64 = 100;

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RoundDetail {
    #[serde(flatten)]
    pub head: RoundHead,
    pub policy: Policy,
    /// Chain-local dates, fixed when the round was published.
    pub day: Option<NaiveDate>,
    pub promised_date: Option<NaiveDate>,
    /// SHA-256 of the policy's canonical text.
    pub policy_hash: Option<String>,
    /// Length and head of the round's chain of decisions.
    pub chain_n: i64,
    pub chain_hash: String,
    pub lines: Vec<OfferLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnDetail>,
    /// For headquarters, where the round was hot: who asked for it, and what made it hot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// For headquarters: the newest steps of the round, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Vec<Happened>>,
    /// Changes with every edit of the draft.
    #[serde(skip)]
    pub version: i64,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OwnDetail {
    #[serde(flatten)]
    pub round: OwnOfRound,
    pub credit_left_cents: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_round: Option<i64>,
    /// The same as `won_units`.
    pub taken_units: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_until: Option<At>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OfferLine {
    pub line_id: LineId,
    pub line_no: i32,
    pub sku: LineSku,
    pub warehouse: LineWarehouse,
    /// Claims are whole packs.
    pub pack: i64,
    pub min_claim: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_line: Option<i64>,
    /// Of one unit.
    pub price_cents: i64,
    pub offered_units: i64,
    pub left_units: i64,
    /// For headquarters: all units locked for the line, and the part of them that is not offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pledged: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdback: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnOfLine>,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct LineSku {
    pub sku_id: SkuId,
    #[sqlx(rename = "sku_code")]
    pub code: String,
    #[sqlx(rename = "sku_name")]
    pub name: String,
    pub category: String,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct LineWarehouse {
    pub warehouse_id: WarehouseId,
    #[sqlx(rename = "warehouse_code")]
    pub code: String,
    #[sqlx(rename = "warehouse_name")]
    pub name: String,
}

/// A store's own part of a line, with the figures that its limits come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OwnOfLine {
    pub listed: bool,
    pub need_units: i64,
    pub net_units: i64,
    pub target_units: i64,
    /// What the store may still take of the line, in whole packs, as of the books.
    pub cap_units: i64,
    pub taken_units: i64,
    /// With this net stock or more the store is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<i64>,
}

#[derive(FromRow)]
struct DetailRow {
    #[sqlx(flatten)]
    item: RoundItem,
    policy: Json<Policy>,
    day: Option<NaiveDate>,
    period: Option<NaiveDate>,
    dock_day: Option<NaiveDate>,
    policy_hash: Option<String>,
    chain_n: i64,
    chain_hash: String,
    version: i64,
    cap_round: Option<i64>,
    cap_day: Option<i64>,
    cap_period: Option<i64>,
    dock_units: Option<i64>,
    credit_limit_cents: Option<i64>,
    suspended_until: Option<At>,
}

#[derive(FromRow)]
struct LineRow {
    line_id: LineId,
    line_no: i32,
    #[sqlx(flatten)]
    sku: LineSku,
    #[sqlx(flatten)]
    warehouse: LineWarehouse,
    pack: i64,
    min_claim: i64,
    cap_line: Option<i64>,
    price_cents: i64,
    offered_units: i64,
    left_units: i64,
    pledged: i64,
    holdback: i64,
    listed: Option<bool>,
    need: Option<i64>,
    net: Option<i64>,
    target: Option<i64>,
    gate: Option<i64>,
    need_cap: Option<i64>,
    taken: i64,
}

/// One round with its lines; for store people only one that they are invited to.
pub async fn round(db: &mut PgConnection, round_id: RoundId, store_id: Option<StoreId>) -> Result<Option<RoundDetail>> {
    let row: Option<DetailRow> = sqlx::query_as(concat!(
        "select ",
        head_columns!(),
        ", r.policy, r.day, r.period, r.dock_day, r.policy_hash, r.chain_n,
           encode(r.chain_hash, 'hex') as chain_hash, r.xmin::text::bigint as version,
           i.cap_round, i.cap_day, i.cap_period, i.dock_units, i.credit_limit_cents,
           (select suspended_until from stores where id = i.store_id) as suspended_until ",
        head_tables!(),
        " and r.id = $2"
    ))
    .bind(store_id)
    .bind(round_id)
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let lines = lines(db, round_id, store_id).await?;
    let left = match store_id {
        Some(store_id) => Some(Left::of(db, &row, store_id).await?),
        None => None,
    };
    let own = left.zip(row.item.own.as_ref()).map(|(left, own)| OwnDetail {
        round: own.0,
        credit_left_cents: left.credit_cents,
        cap_round: row.cap_round,
        taken_units: own.won_units,
        suspended_until: row.suspended_until,
    });
    let history = match store_id {
        Some(_) => None,
        None => Some(steps::history(db, round_id, HISTORY_MAX).await?),
    };
    Ok(Some(RoundDetail {
        head: row.item.head,
        policy: row.policy.0,
        day: row.day,
        promised_date: row.dock_day,
        policy_hash: row.policy_hash,
        chain_n: row.chain_n,
        chain_hash: row.chain_hash,
        lines: lines.into_iter().map(|line| line.shown(left)).collect(),
        own,
        approval: row.item.approval.map(|approval| approval.0),
        history,
        version: row.version,
    }))
}

async fn lines(db: &mut PgConnection, round_id: RoundId, store_id: Option<StoreId>) -> Result<Vec<LineRow>> {
    sqlx::query_as(
        "select f.id as line_id, f.line_no, f.pack, f.min_claim, f.cap_line, f.price_cents,
                k.id as sku_id, k.code as sku_code, k.name as sku_name, k.category,
                w.id as warehouse_id, w.code as warehouse_code, w.name as warehouse_name, f.pledged, f.holdback,
                f.pledged - f.holdback as offered_units,
                greatest(0, f.pledged - f.holdback - f.granted - f.returned) as left_units,
                c.listed, c.need, c.net, c.target, c.gate, c.need_cap,
                coalesce(t.taken, 0) as taken
           from offer_lines f
           join skus k on k.id = f.sku_id
           join warehouses w on w.id = f.warehouse_id
           left join invitation_lines c on c.line_id = f.id and c.store_id = $2
           left join (select l.line_id, sum(l.ordered - l.cancelled)::bigint as taken
                        from orders o
                        join order_lines l on l.order_id = o.id
                       where o.round_id = $1
                         and o.store_id = $2
                         and o.state <> 'CANCELLED'
                       group by l.line_id) t on t.line_id = f.id
          where f.round_id = $1
          order by f.line_no",
    )
    .bind(round_id)
    .bind(store_id)
    .fetch_all(db)
    .await
}

/// What limits that span lines leave to a store, as of the books.
#[derive(Clone, Copy, Debug)]
struct Left {
    /// Of round, day, period and dock together; `i64::MAX` without any.
    units: i64,
    credit_cents: i64,
}

impl Left {
    async fn of(db: &mut PgConnection, row: &DetailRow, store_id: StoreId) -> Result<Self> {
        let stores = [store_id];
        let used = |sums: counters::Used| sums.get(&store_id).copied().unwrap_or(0);
        let mut units = i64::MAX;
        let mut limit = |cap: Option<i64>, used: i64| units = units.min(cap.map_or(i64::MAX, |cap| cap - used));
        limit(row.cap_round, row.item.own.as_ref().map_or(0, |own| own.won_units));
        if let Some(day) = row.day {
            limit(row.cap_day, used(counters::day_units(db, day, &stores).await?));
        }
        if let Some(period) = row.period {
            limit(row.cap_period, used(counters::period_units(db, period, &stores).await?));
        }
        if let Some(dock_day) = row.dock_day {
            limit(row.dock_units, used(counters::dock_units(db, dock_day, &stores).await?));
        }
        let credit_used = used(counters::credit_cents(db, &stores).await?);
        Ok(Self { units, credit_cents: row.credit_limit_cents.unwrap_or(0) - credit_used })
    }
}

impl LineRow {
    fn shown(self, left: Option<Left>) -> OfferLine {
        let own = left.and_then(|left| {
            let (net_units, need_cap) = (self.net?, self.need_cap?);
            let listed = self.listed?;
            let lets_in = listed && self.gate.is_none_or(|gate| net_units < gate);
            let of_line = self.cap_line.map_or(need_cap, |cap| cap.min(need_cap)) - self.taken;
            let affordable = left.credit_cents.checked_div(self.price_cents).unwrap_or(i64::MAX);
            let units = of_line.min(left.units).min(affordable).min(self.left_units).max(0);
            Some(OwnOfLine {
                listed,
                need_units: self.need?,
                net_units,
                target_units: self.target?,
                cap_units: if lets_in { units / self.pack * self.pack } else { 0 },
                taken_units: self.taken,
                gate: self.gate,
            })
        });
        OfferLine {
            line_id: self.line_id,
            line_no: self.line_no,
            sku: self.sku,
            warehouse: self.warehouse,
            pack: self.pack,
            min_claim: self.min_claim,
            cap_line: self.cap_line,
            price_cents: self.price_cents,
            offered_units: self.offered_units,
            left_units: self.left_units,
            pledged: left.is_none().then_some(self.pledged),
            holdback: left.is_none().then_some(self.holdback),
            own,
        }
    }
}

/// The pool of a round and the number of that pool's newest outbox row; `None` when there is no such round.
pub async fn pool_and_number(db: &mut PgConnection, round_id: RoundId) -> Result<Option<(PoolId, i64)>> {
    sqlx::query_as(
        "select r.pool_id, o.last_number
           from rounds r
           join pool_out o on o.pool_id = r.pool_id
          where r.id = $1",
    )
    .bind(round_id)
    .fetch_optional(db)
    .await
}
