//! Rounds in lists: headquarters see all of them, store people those that their store was invited to.

use super::{At, Result};
use crate::domain::{
    clock::UnixMs,
    heat::Over,
    ids::{RoundId, StoreId, UserId},
    round::RoundState,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection, types::Json};

/// What everybody sees of a round.
#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct RoundHead {
    pub round_id: RoundId,
    pub code: String,
    pub name: String,
    pub state: RoundState,
    /// `INSTANT`: who comes first is served first.
    pub mode: String,
    /// As planned; pauses so far are in `shift_ms`.
    pub opens_at: At,
    pub closes_at: At,
    pub shift_ms: i64,
    /// Since when the clock stands still.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<At>,
    /// With all pauses added: compare with the server's clock as they are.
    pub opens_at_ms: UnixMs,
    pub closes_at_ms: UnixMs,
    pub offered_units: i64,
    /// Units still to be had, as of the ledger.
    pub left_units: i64,
    pub invited_stores: i64,
    pub line_count: i64,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct RoundItem {
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub head: RoundHead,
    /// Of the caller's own store.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OwnOfRound>)]
    pub own: Option<Json<OwnOfRound>>,
    /// For headquarters, where the round was hot: who asked for it, and what made it hot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Approval>)]
    pub approval: Option<Json<Approval>>,
}

/// The second person's part of a hot round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Approval {
    pub asked_by: UserId,
    pub asked_by_name: String,
    pub asked_at: At,
    /// Who changed the round last. Neither of the two can approve it.
    pub edited_by: UserId,
    pub edited_by_name: String,
    /// When it was asked for: Σ offered units × price.
    pub value_cents: i64,
    /// When it was asked for: Σ need over the invited stores ÷ offered, in percent.
    pub scarcity_percent: i64,
    /// The thresholds that were passed.
    pub over: Vec<Over>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approved_by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub approved_by_name: Option<String>,
}

/// A store's own part of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OwnOfRound {
    /// The store's stage opens so long after the round.
    pub offset_ms: i64,
    pub need_units: i64,
    /// What the store may take of the round at most, by need, line caps and its cap of the round.
    pub cap_units: i64,
    /// In the books, less what was given back.
    pub won_units: i64,
}

macro_rules! head_columns {
    () => {
        "r.id as round_id, r.code, r.name, r.state, 'INSTANT' as mode, r.opens_at, r.closes_at, r.shift_ms, r.paused_at,
         floor(extract(epoch from r.opens_at) * 1000)::bigint + r.shift_ms as opens_at_ms,
         floor(extract(epoch from r.closes_at) * 1000)::bigint + r.shift_ms as closes_at_ms,
         f.offered_units, f.left_units, f.line_count,
         (select count(*) from invitations where round_id = r.id) as invited_stores,
         case when i.store_id is not null then json_build_object(
             'offset_ms', i.offset_ms,
             'need_units', n.need_units,
             'cap_units', least(n.cap_units, i.cap_round),
             'won_units', (select coalesce(sum(l.ordered - l.cancelled), 0)
                             from orders o
                             join order_lines l on l.order_id = o.id
                            where o.round_id = r.id
                              and o.store_id = i.store_id
                              and o.state <> 'CANCELLED')) end as own,
         case when $1::uuid is null and r.asked_by is not null then json_build_object(
             'asked_by', r.asked_by,
             'asked_by_name', (select name from users where id = r.asked_by),
             'asked_at', r.asked_at,
             'edited_by', coalesce(r.edited_by, r.created_by),
             'edited_by_name', (select name from users where id = coalesce(r.edited_by, r.created_by)),
             'value_cents', r.hot_value_cents,
             'scarcity_percent', r.hot_scarcity_percent,
             'over', r.hot_over,
             'approved_by', r.approved_by,
             'approved_by_name', (select name from users where id = r.approved_by)) end as approval"
    };
}

/// `$1` is the caller's store, or null.
macro_rules! head_tables {
    () => {
        "  from rounds r
          cross join lateral (
              select count(*) as line_count,
                     coalesce(sum(pledged - holdback), 0)::bigint as offered_units,
                     coalesce(sum(greatest(0, pledged - holdback - granted - returned)), 0)::bigint as left_units
                from offer_lines
               where round_id = r.id) f
           left join invitations i on i.round_id = r.id and i.store_id = $1
          cross join lateral (
              select coalesce(sum(c.need), 0)::bigint as need_units,
                     coalesce(sum(case when c.listed and (c.gate is null or c.net < c.gate)
                                       then least(c.need_cap, l.cap_line)
                                       else 0 end), 0)::bigint as cap_units
                from invitation_lines c
                join offer_lines l on l.id = c.line_id
               where c.round_id = r.id
                 and c.store_id = i.store_id) n
          where ($1::uuid is null or (i.store_id is not null and r.published_at is not null))"
    };
}

pub(super) use head_columns;
pub(super) use head_tables;

/// Where a page of rounds ended.
pub type RoundKey = (DateTime<Utc>, RoundId);

/// What is coming or running, soonest first; one more than `limit`.
pub async fn live(
    db: &mut PgConnection,
    store_id: Option<StoreId>,
    after: Option<RoundKey>,
    limit: i64,
) -> Result<Vec<RoundItem>> {
    sqlx::query_as(concat!(
        "select ",
        head_columns!(),
        head_tables!(),
        "   and r.state in ('DRAFT','PENDING_APPROVAL','SCHEDULED','WARMING','OPEN','PAUSED','SETTLING')
            and ($2::timestamptz is null or (r.opens_at, r.id) > ($2, $3))
          order by r.opens_at, r.id
          limit $4 + 1"
    ))
    .bind(store_id)
    .bind(after.map(|key| key.0))
    .bind(after.map(|key| key.1))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// What is over, newest opening first; one more than `limit`.
pub async fn past(
    db: &mut PgConnection,
    store_id: Option<StoreId>,
    before: Option<RoundKey>,
    limit: i64,
) -> Result<Vec<RoundItem>> {
    sqlx::query_as(concat!(
        "select ",
        head_columns!(),
        head_tables!(),
        "   and r.state in ('CLOSED','ARCHIVED','CANCELLED')
            and ($2::timestamptz is null or (r.opens_at, r.id) < ($2, $3))
          order by r.opens_at desc, r.id desc
          limit $4 + 1"
    ))
    .bind(store_id)
    .bind(before.map(|key| key.0))
    .bind(before.map(|key| key.1))
    .bind(limit)
    .fetch_all(db)
    .await
}
