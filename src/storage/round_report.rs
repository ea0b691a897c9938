//! Who got what in a round, and why: what headquarters reads when it is over, or while it runs.

use super::{At, Result, area::in_area};
use crate::domain::{
    ids::{LineId, RoundId, StoreId, UserId},
    round::RoundState,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection, types::Json};
use std::collections::BTreeMap;

/// Points of a curve; whoever draws it sees no difference to all of them.
const CURVE_POINTS_MAX: usize = 200;

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct ReportHead {
    pub round_id: RoundId,
    pub code: String,
    pub name: String,
    pub state: RoundState,
    /// As planned.
    pub opens_at: At,
    pub closes_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<At>,
    /// Paused and fenced time.
    pub shift_ms: i64,
    pub invited_stores: i64,
    /// Decided claims.
    pub claims: i64,
    /// Claims of which units had to be revoked after a loss of Redis.
    pub revoked_claims: i64,
    pub revoked_units: i64,
}

pub async fn head(db: &mut PgConnection, round_id: RoundId) -> Result<Option<ReportHead>> {
    sqlx::query_as(
        "select r.id as round_id, r.code, r.name, r.state, r.opens_at, r.closes_at, r.closed_at, r.shift_ms,
                (select count(*) from invitations where round_id = r.id) as invited_stores,
                c.claims, c.revoked_claims, c.revoked_units
           from rounds r
          cross join lateral (
                select count(*) as claims,
                       count(*) filter (where revoked > 0) as revoked_claims,
                       coalesce(sum(revoked), 0)::bigint as revoked_units
                  from claims
                 where round_id = r.id) c
          where r.id = $1",
    )
    .bind(round_id)
    .fetch_optional(db)
    .await
}

/// One store's part.
#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct ReportStore {
    pub store_id: StoreId,
    pub code: String,
    pub name: String,
    pub region: String,
    /// As frozen at publish, over all lines.
    pub need_units: i64,
    /// Over all of its claims, those that it made anew included.
    pub asked_units: i64,
    /// Ordered, less what was given back.
    pub granted_units: i64,
    pub claims: i64,
    /// How often each reason was the first that stood in the way of a claim; claims that won something in spite of it
    /// included.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub reasons: Json<BTreeMap<String, i64>>,
}

/// Invited stores of the caller's area, those that got most first.
pub async fn stores(db: &mut PgConnection, round_id: RoundId, area_of: Option<UserId>) -> Result<Vec<ReportStore>> {
    sqlx::query_as(concat!(
        "with asked as (
           select c.store_id,
                  count(*) as claims,
                  sum((select coalesce(sum(split_part(part, ',', 2)::bigint), 0)
                         from unnest(string_to_array(split_part(c.verdict, '|', 10), ';')) as part
                        where part <> ''))::bigint as units
             from claims c
            where c.round_id = $1
            group by c.store_id
         ), coded as (
           select store_id, jsonb_object_agg(code, n) as reasons
             from (select store_id, code, count(*) as n
                     from claims
                    where round_id = $1
                      and code is not null
                    group by store_id, code) each_of_them
            group by store_id
         ), won as (
           select o.store_id, sum(l.ordered - l.cancelled)::bigint as units
             from orders o
             join order_lines l on l.order_id = o.id
            where o.round_id = $1
              and o.state <> 'CANCELLED'
            group by o.store_id
         ), needed as (
           select store_id, sum(need)::bigint as units
             from invitation_lines
            where round_id = $1
            group by store_id
         )
         select s.id as store_id, s.code, s.name, s.region,
                coalesce(n.units, 0) as need_units,
                coalesce(a.units, 0) as asked_units,
                coalesce(w.units, 0) as granted_units,
                coalesce(a.claims, 0) as claims,
                coalesce(d.reasons, '{}') as reasons
           from invitations i
           join stores s on s.id = i.store_id
           left join needed n on n.store_id = i.store_id
           left join asked a on a.store_id = i.store_id
           left join won w on w.store_id = i.store_id
           left join coded d on d.store_id = i.store_id
          where i.round_id = $1
            and ",
        in_area!("s.region", "$2"),
        "
          order by granted_units desc, s.code"
    ))
    .bind(round_id)
    .bind(area_of)
    .fetch_all(db)
    .await
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ReportLine {
    #[serde(flatten)]
    pub line: LineFigures,
    /// Units won so far at moments after the planned opening; the whole chain's, at most 200 points.
    pub curve: Vec<CurvePoint>,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct LineFigures {
    pub line_id: LineId,
    pub line_no: i32,
    pub sku_code: String,
    pub sku_name: String,
    pub warehouse_code: String,
    pub pledged_units: i64,
    pub holdback_units: i64,
    pub offered_units: i64,
    /// In the books, less what was given back.
    pub granted_units: i64,
    pub returned_units: i64,
    /// After the planned opening, as the ledger saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sold_out_ms: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow, Serialize, utoipa::ToSchema)]
pub struct CurvePoint {
    pub at_ms: i64,
    pub won_units: i64,
}

#[derive(FromRow)]
struct Taken {
    line_id: LineId,
    #[sqlx(flatten)]
    point: CurvePoint,
}

/// All lines with their curves, from the decisions that became orders.
pub async fn lines(db: &mut PgConnection, round_id: RoundId) -> Result<Vec<ReportLine>> {
    let lines: Vec<LineFigures> = sqlx::query_as(
        "select f.id as line_id, f.line_no, k.code as sku_code, k.name as sku_name, w.code as warehouse_code,
                f.pledged as pledged_units, f.holdback as holdback_units, f.pledged - f.holdback as offered_units,
                f.granted as granted_units, f.returned as returned_units,
                floor(extract(epoch from f.sold_out_at - r.opens_at) * 1000)::bigint as sold_out_ms
           from offer_lines f
           join rounds r on r.id = f.round_id
           join skus k on k.id = f.sku_id
           join warehouses w on w.id = f.warehouse_id
          where f.round_id = $1
          order by f.line_no",
    )
    .bind(round_id)
    .fetch_all(&mut *db)
    .await?;
    let taken: Vec<Taken> = sqlx::query_as(
        "select l.line_id,
                floor(extract(epoch from c.decided_at - r.opens_at) * 1000)::bigint as at_ms,
                (sum(l.ordered) over (partition by l.line_id order by c.chain_n))::bigint as won_units
           from rounds r
           join claims c on c.round_id = r.id and c.granted > c.revoked
           join orders o on o.round_id = c.round_id and o.claim_id = c.claim_id
           join order_lines l on l.order_id = o.id
          where r.id = $1
          order by l.line_id, c.chain_n",
    )
    .bind(round_id)
    .fetch_all(db)
    .await?;
    let with_curve = |line: LineFigures| {
        let points = taken.iter().filter(|taken| taken.line_id == line.line_id).map(|taken| taken.point).collect();
        ReportLine { line, curve: thinned(points) }
    };
    Ok(lines.into_iter().map(with_curve).collect())
}

/// Evenly fewer points, the first and the last among them.
fn thinned(points: Vec<CurvePoint>) -> Vec<CurvePoint> {
    let count = points.len();
    if count <= CURVE_POINTS_MAX {
        return points;
    }
    let step = |i: usize| i * (count - 1) / (CURVE_POINTS_MAX - 1);
    (0..CURVE_POINTS_MAX).filter_map(|i| points.get(step(i)).copied()).collect()
}

#[derive(Clone, Debug, PartialEq, Eq, FromRow, Serialize, utoipa::ToSchema)]
pub struct Refusals {
    pub code: String,
    pub claims: i64,
    pub stores: i64,
}

/// Refused claims by their first reason, over the whole chain.
pub async fn refusals(db: &mut PgConnection, round_id: RoundId) -> Result<Vec<Refusals>> {
    sqlx::query_as(
        "select coalesce(code, '') as code, count(*) as claims, count(distinct store_id) as stores
           from claims
          where round_id = $1
            and status = 'refused'
          group by code
          order by claims desc, code",
    )
    .bind(round_id)
    .fetch_all(db)
    .await
}

#[derive(Clone, Debug, FromRow, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Intervention {
    pub at: At,
    /// `pause`, `resume`, `extend`, `stop` …
    pub kind: String,
    /// Login and name; absent when nobody knows any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub reason: String,
    /// `applied`, or why the round ignored it; absent while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// What people did to the round, in order. What the clock does by itself is no intervention.
pub async fn interventions(db: &mut PgConnection, round_id: RoundId) -> Result<Vec<Intervention>> {
    sqlx::query_as(
        "select i.asked_at as at, i.intent ->> 'kind' as kind, u.name || ' (' || u.login || ')' as by, i.reason, i.outcome
           from round_intents i
           left join users u on u.id = i.by_user
          where i.round_id = $1
            and (i.by_user is not null or i.intent ->> 'kind' in ('pause', 'resume', 'extend', 'stop'))
          order by i.intent_no",
    )
    .bind(round_id)
    .fetch_all(db)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_curve_keeps_its_ends_and_its_order() {
        let all: Vec<_> = (0..1_000).map(|i| CurvePoint { at_ms: i, won_units: i * 12 }).collect();
        let thin = thinned(all.clone());
        assert_eq!((thin.len(), thin[0], thin[199]), (200, all[0], all[999]));
        assert!(thin.windows(2).all(|pair| pair[0].at_ms < pair[1].at_ms));
        assert_eq!(thinned(all[..200].to_vec()), all[..200]);
    }
}
