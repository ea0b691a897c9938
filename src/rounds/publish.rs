//! Publishing: stock is pledged, rules, dates, needs and limits are frozen, and every invited store is told. All in one
//! transaction: either the round is SCHEDULED with everything it needs, or nothing changed. A hot round only waits for a
//! second person at first: nothing is pledged and nobody told before `approve`.

use super::{Error, Flaw, FlawKind, Result, Rounds, tell};
use crate::{
    domain::{
        clock,
        event::{Notice, StoreEvent},
        heat::{Heat, LineHeat},
        ids::{LineId, RoundId, SkuId, UserId, WarehouseId},
        need::Need,
        order::MovementKind,
        pack::{Pack, Rounding, Shelf},
        round::{Policy, RoundState},
        round_step::RoundStep,
    },
    storage::{
        Tx,
        need::{self, StoreNeed},
        outbox::{self, NewRow},
        rounds::{
            self as books, LineRow, RoundRow, approval,
            publish::{self as freezer, Frozen, InvitationLine},
            steps,
        },
        stock::{self, Bucket, Document, Movement},
    },
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// A line that asks for more than its warehouse has to spare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    pub line_id: LineId,
    pub line_no: i32,
    pub sku_id: SkuId,
    pub warehouse_id: WarehouseId,
    pub asked: i64,
    pub available: i64,
}

/// A round that is about to be published, held to the commit.
pub(super) struct Plan {
    pub round: RoundRow,
    lines: Vec<LineRow>,
    /// Of the invited stores, by line.
    needs: Vec<Vec<InvitationLine>>,
}

/// Who stands for it.
pub(super) struct Signed {
    pub published_by: UserId,
    pub approved_by: Option<UserId>,
}

impl Rounds {
    /// SCHEDULED, or PENDING_APPROVAL when the round is hot.
    pub async fn publish(&self, id: RoundId, by: UserId) -> Result<RoundState> {
        let mut tx = Tx::begin(&self.db).await?;
        let plan = self.plan(&mut tx, id, RoundState::Draft).await?;
        let heat = plan.heat();
        let over = self.thresholds.passed_by(heat);
        if over.is_empty() {
            let signed = Signed { published_by: by, approved_by: None };
            self.put_out(tx, plan, signed, RoundStep::Published, "").await?;
            return Ok(RoundState::Scheduled);
        }
        // Nobody is asked to agree to what the warehouses do not have. They may have less when somebody does.
        enough(&mut tx, &plan.lines).await?;
        approval::ask(&mut tx, id, by, heat, &over).await?;
        steps::note(&mut tx, id, RoundStep::Asked, by, "").await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, code = plan.round.code, by = %by, ?heat, ?over, "a hot round waits for a second person");
        Ok(RoundState::PendingApproval)
    }

    /// Holds the round and its lines, and computes what the stores need now.
    pub(super) async fn plan(&self, tx: &mut PgConnection, id: RoundId, from: RoundState) -> Result<Plan> {
        let round = books::round_for_update(tx, id).await?.ok_or(Error::NotFound)?;
        if round.state != from {
            return Err(Error::State(round.state));
        }
        if round.closes_at <= clock::now() {
            return Err(Error::Flawed(vec![Flaw { pointer: "/closes_at".to_owned(), kind: FlawKind::Late }]));
        }
        let lines = books::lines_for_update(tx, id).await?;
        let needs = compute_needs(tx, id, &round.policy.0, &lines).await?;
        Ok(Plan { round, lines, needs })
    }

    pub(super) async fn put_out(
        &self,
        mut tx: Tx,
        plan: Plan,
        signed: Signed,
        step: RoundStep,
        reason: &str,
    ) -> Result<()> {
        let Plan { round, lines, needs } = plan;
        let id = round.id;
        let by = signed.approved_by.unwrap_or(signed.published_by);
        let day = local_day(&mut tx, round.opens_at).await?;
        freeze(&mut tx, id, &round.policy.0, day, &signed).await?;
        for (line, stores) in lines.iter().zip(&needs) {
            freezer::insert_invitation_lines(&mut tx, id, line.id, stores).await?;
        }
        pledge(&mut tx, id, &lines, by).await?;
        steps::note(&mut tx, id, step, by, reason).await?;

        let mut rows = Vec::new();
        for store_id in books::invited_stores(&mut tx, id).await? {
            let event = StoreEvent::Notice(Notice::Invited { round_id: id });
            rows.push(NewRow::Store { store_id, round_id: Some(id), event });
        }
        rows.extend(tell::state_and_board(&mut tx, id).await?);
        let number = outbox::append(&mut tx, &round.pool_id, &rows).await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, code = round.code, by = %by, lines = lines.len(), "round published");
        self.hint(number).await;
        Ok(())
    }
}

impl Plan {
    pub(super) fn heat(&self) -> Heat {
        Heat::of(self.lines.iter().zip(&self.needs).map(|(line, stores)| LineHeat {
            offered_units: line.pledged - line.holdback,
            price_cents: line.price_cents.max(line.list_price_cents),
            need_units: stores.iter().map(|store| store.need).sum(),
        }))
    }
}

/// Day, period and dock day are constants of the round from here on: no pause moves a claim into another day's cap.
async fn freeze(tx: &mut PgConnection, id: RoundId, policy: &Policy, day: NaiveDate, signed: &Signed) -> Result<()> {
    let days_since_1970 = (day - NaiveDate::default()).num_days();
    let days_into_period = days_since_1970.rem_euclid(policy.period_days.max(1));
    let frozen = Frozen {
        policy_hash: &policy_hash(policy)?,
        day,
        period: day - Days::new(days_into_period.unsigned_abs()),
        dock_day: day + Days::new(policy.deliver_in_days.unsigned_abs()),
        cap_round: policy.cap_round,
        cap_day: policy.cap_day,
        cap_period: policy.cap_period,
        published_by: signed.published_by,
        approved_by: signed.approved_by,
    };
    Ok(freezer::freeze(tx, id, &frozen).await?)
}

/// One query a line.
async fn compute_needs(
    tx: &mut PgConnection,
    id: RoundId,
    policy: &Policy,
    lines: &[LineRow],
) -> Result<Vec<Vec<InvitationLine>>> {
    let as_of = need::last_day_of_sales(tx).await?;
    let mut needs = Vec::with_capacity(lines.len());
    for line in lines {
        let stores = need::of_invited(tx, id, line.sku_id, as_of).await?;
        needs.push(stores.iter().map(|store| may_take(store, line.pack, policy)).collect());
    }
    Ok(needs)
}

/// What a store needs of a line and may take of it, before the caps of store, day and credit.
fn may_take(store: &StoreNeed, pack_units: i64, policy: &Policy) -> InvitationLine {
    let need = Need::of(&store.input);
    // A claim is counted in the line's own pack, so need is rounded to that and to no inner pack.
    let pack = Pack { case_units: pack_units, inner_units: None, broken_case_ok: false };
    let shelf = Shelf { net_units: need.net_units, max_units: store.input.max_units };
    let part = need.need_units.saturating_mul(policy.need_percent) / 100;
    let need_cap = match need.need_units {
        0 => policy.cap_no_need,
        _ => pack.round(part, Rounding::UpToMax, shelf),
    };
    // A store without a target has no gate to reach: its cap says what it may take, if anything.
    let gate = policy.gate_percent.filter(|_| need.target_units > 0);
    InvitationLine {
        store_id: store.store_id,
        listed: store.listed,
        net: need.net_units,
        target: need.target_units,
        need: need.need_units,
        ads_milli: need.ads_milli,
        // Rounded up: at 90 % of a target of 5 the gate is 5, because 4 units are less than that.
        gate: gate.map(|percent| need.target_units.saturating_mul(percent).saturating_add(99).div_euclid(100)),
        need_cap: pack.floor(need_cap),
    }
}

/// Whether the warehouses can spare the lines' units; names every line that falls short.
async fn enough(tx: &mut PgConnection, lines: &[LineRow]) -> Result<()> {
    let pairs: Vec<(WarehouseId, SkuId)> = lines.iter().map(|line| (line.warehouse_id, line.sku_id)).collect();
    let available = freezer::available_for_update(tx, &pairs).await?;
    let mut short: Vec<Shortage> = lines
        .iter()
        .map(|line| Shortage {
            line_id: line.id,
            line_no: line.line_no,
            sku_id: line.sku_id,
            warehouse_id: line.warehouse_id,
            asked: line.pledged,
            available: available.get(&(line.warehouse_id, line.sku_id)).copied().unwrap_or(0),
        })
        .filter(|line| line.asked > line.available)
        .collect();
    if short.is_empty() {
        return Ok(());
    }
    short.sort_by_key(|line| line.line_no);
    Err(Error::NotEnoughStock(short))
}

/// Moves the lines' units from free to pledged stock.
async fn pledge(tx: &mut PgConnection, id: RoundId, lines: &[LineRow], by: UserId) -> Result<()> {
    enough(tx, lines).await?;
    let movement = |line: &LineRow| Movement {
        site_id: line.warehouse_id.0,
        sku_id: line.sku_id,
        bucket: Bucket::Pledged,
        delta: line.pledged,
        kind: MovementKind::Pledge,
        document: Document::Round(id.0),
        by_user: Some(by),
    };
    Ok(stock::book(tx, &lines.iter().map(movement).collect::<Vec<_>>()).await?)
}

/// SHA-256 of the policy as JSON with sorted keys and no spaces: anyone can compute it from what is shown.
fn policy_hash(policy: &Policy) -> Result<String> {
    // A JSON value keeps its keys sorted.
    let canonical = serde_json::to_value(policy).map_err(|error| crate::storage::Error::Encode(error.into()))?;
    Ok(hex::encode(Sha256::digest(canonical.to_string())))
}

/// The chain-local date of a moment.
pub async fn local_day(tx: &mut PgConnection, at: DateTime<Utc>) -> Result<NaiveDate> {
    let name = freezer::chain_time_zone(tx).await?;
    let zone: Tz = name.parse().map_err(|_| Error::TimeZone(name))?;
    Ok(at.with_timezone(&zone).date_naive())
}
