//! What the books say about everything that a batch names, locked in the order that all transactions keep.

use super::batch::{Batch, What};
use crate::{
    domain::{
        event::Winner,
        ids::{ClaimId, LineId, PoolId, RoundId, SkuId, StoreId, WarehouseId},
        round::RoundState,
    },
    storage::Result,
};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

pub(super) struct Books {
    /// In the order of their ids, so that rows are written in the order in which they are locked.
    pub rounds: BTreeMap<RoundId, Round>,
    pub lines: BTreeMap<LineId, Line>,
    pub stores: HashMap<StoreId, Store>,
    /// Decided and in the books already: the log said them before.
    pub known: HashSet<(RoundId, ClaimId)>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Round {
    pub id: RoundId,
    pub state: RoundState,
    pub opens_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    pub shift_ms: i64,
    pub paused_at: Option<DateTime<Utc>>,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub applied_no: i64,
    pub chain_n: i64,
    pub chain_hash: Vec<u8>,
    /// Chain-local dates; none before the round was published.
    pub day: Option<NaiveDate>,
    pub period: Option<NaiveDate>,
    pub dock_day: Option<NaiveDate>,
    #[sqlx(flatten)]
    pub totals: Totals,
    /// This batch changed something that is told.
    #[sqlx(skip)]
    pub touched: bool,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Totals {
    pub claims: i64,
    pub won: i64,
    pub granted_units: i64,
    pub revoked: i64,
    pub refused: Json<BTreeMap<String, i64>>,
    pub winners: Json<Vec<Winner>>,
    pub as_of: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Line {
    pub id: LineId,
    pub round_id: RoundId,
    pub sku_id: SkuId,
    pub warehouse_id: WarehouseId,
    pub price_cents: i64,
    /// Still to be had.
    pub left: i64,
    pub sold_out_at: Option<DateTime<Utc>>,
    /// What this batch grants.
    #[sqlx(skip)]
    pub granted: i64,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Store {
    pub id: StoreId,
    pub code: String,
    pub name: String,
}

impl Books {
    pub async fn lock(tx: &mut PgConnection, batch: &Batch) -> Result<Self> {
        let named = Named::by(batch);
        Ok(Self {
            rounds: lock_rounds(tx, &batch.pool_id, named.rounds).await?,
            lines: lock_lines(tx, named.lines).await?,
            stores: find_stores(tx, &batch.pool_id, named.stores).await?,
            known: find_known(tx, named.claims).await?,
        })
    }
}

#[derive(Default)]
struct Named {
    rounds: BTreeSet<Uuid>,
    lines: BTreeSet<Uuid>,
    stores: BTreeSet<Uuid>,
    claims: Vec<(Uuid, Uuid)>,
}

impl Named {
    fn by(batch: &Batch) -> Self {
        let mut named = Self::default();
        for entry in &batch.entries {
            match &entry.what {
                What::Claims { round_id, claims } => {
                    named.rounds.insert(round_id.0);
                    for claim in claims {
                        named.claims.push((round_id.0, claim.claim_id.0));
                        named.stores.insert(claim.verdict.store_id.0);
                        named.lines.extend(claim.verdict.lines.iter().map(|line| line.line_id.0));
                    }
                }
                What::Control { round_id, .. } => {
                    named.rounds.insert(round_id.0);
                }
                What::Bless { lost_ms } => named.rounds.extend(lost_ms.iter().map(|(id, _)| id.0)),
                What::Broken(_) => {}
            }
        }
        named
    }
}

async fn lock_rounds(tx: &mut PgConnection, pool_id: &PoolId, ids: BTreeSet<Uuid>) -> Result<BTreeMap<RoundId, Round>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rounds: Vec<Round> = sqlx::query_as(
        "select r.id, r.state, r.opens_at, r.closes_at, r.shift_ms, r.paused_at, r.opened_at, r.closed_at,
                r.applied_no, r.chain_n, r.chain_hash, r.day, r.period, r.dock_day,
                coalesce(t.claims, 0)        as claims,
                coalesce(t.won, 0)           as won,
                coalesce(t.granted_units, 0) as granted_units,
                coalesce(t.revoked, 0)       as revoked,
                coalesce(t.refused, '{}')    as refused,
                coalesce(t.winners, '[]')    as winners,
                t.as_of
           from rounds r
           left join round_totals t on t.round_id = r.id
          where r.id = any($1)
            and r.pool_id = $2
          order by r.id
            for no key update of r",
    )
    .bind(Vec::from_iter(ids))
    .bind(pool_id)
    .fetch_all(tx)
    .await?;
    Ok(rounds.into_iter().map(|round| (round.id, round)).collect())
}

async fn lock_lines(tx: &mut PgConnection, ids: BTreeSet<Uuid>) -> Result<BTreeMap<LineId, Line>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let lines: Vec<Line> = sqlx::query_as(
        "select id, round_id, sku_id, warehouse_id, price_cents, sold_out_at,
                pledged - holdback - granted - returned as left
           from offer_lines
          where id = any($1)
          order by id
            for no key update",
    )
    .bind(Vec::from_iter(ids))
    .fetch_all(tx)
    .await?;
    Ok(lines.into_iter().map(|line| (line.id, line)).collect())
}

async fn find_stores(tx: &mut PgConnection, pool_id: &PoolId, ids: BTreeSet<Uuid>) -> Result<HashMap<StoreId, Store>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let stores: Vec<Store> = sqlx::query_as(
        "select id, code, name
           from stores
          where id = any($1)
            and pool_id = $2",
    )
    .bind(Vec::from_iter(ids))
    .bind(pool_id)
    .fetch_all(tx)
    .await?;
    Ok(stores.into_iter().map(|store| (store.id, store)).collect())
}

/// Nobody can add one of these meanwhile: only this pool's writer writes claims, and it holds the pool's row.
async fn find_known(tx: &mut PgConnection, claims: Vec<(Uuid, Uuid)>) -> Result<HashSet<(RoundId, ClaimId)>> {
    if claims.is_empty() {
        return Ok(HashSet::new());
    }
    let (rounds, ids): (Vec<_>, Vec<_>) = claims.into_iter().unzip();
    let known: Vec<(RoundId, ClaimId)> = sqlx::query_as(
        "select round_id, claim_id
           from claims
           join unnest($1::uuid[], $2::uuid[]) as named (round_id, claim_id) using (round_id, claim_id)",
    )
    .bind(rounds)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    Ok(known.into_iter().collect())
}
