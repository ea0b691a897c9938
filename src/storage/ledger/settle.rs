//! What a batch means for the books, worked out in memory: which decisions are new, what of them the lines still hold,
//! the orders of the winners, the next links of each chain. Pure: the rows it is given are locked, the rows it returns
//! are written afterwards.

use super::{
    batch::{Batch, DecidedClaim, Entry, What},
    books::{Books, Line, Round, Store},
    control,
};
use crate::domain::{
    chain::{self, Decision},
    claim::{ClaimMode, VerdictStatus},
    clock::{self, UnixMs},
    event::Winner,
    ids::{LineId, OrderId, RoundId, ShipmentId, SkuId, StoreId, WarehouseId},
};
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

/// So many of the newest winners stand on the board.
const WINNERS_SHOWN: usize = 10;

pub(super) struct Settled<'a> {
    pub claims: Vec<NewClaim<'a>>,
    pub orders: Vec<NewOrder>,
    pub intents: Vec<Intent>,
    pub dead: Vec<(&'a Entry, String)>,
    /// The pool was blessed.
    pub unfenced: bool,
}

/// A decision that the books did not know.
pub(super) struct NewClaim<'a> {
    pub round_id: RoundId,
    pub decided: &'a DecidedClaim,
    /// Units taken back, line by line: the line no longer had them.
    pub revoked: Vec<(LineId, i64)>,
    /// Price of what was taken back.
    pub revoked_cents: i64,
    pub chain_n: i64,
    pub event: String,
    pub hash: chain::Hash,
    /// Its orders, as a range of `Settled::orders`.
    pub orders: Range<usize>,
}

impl NewClaim<'_> {
    pub fn revoked_units(&self) -> i64 {
        self.revoked.iter().map(|(_, units)| units).sum()
    }
}

/// What one claim won from one warehouse.
pub(super) struct NewOrder {
    pub order_id: OrderId,
    pub shipment_id: ShipmentId,
    /// Index of its claim in `Settled::claims`.
    pub claim: usize,
    pub warehouse_id: WarehouseId,
    pub promised_date: NaiveDate,
    pub lines: Vec<NewOrderLine>,
}

impl NewOrder {
    pub fn units(&self) -> i64 {
        self.lines.iter().map(|line| line.units).sum()
    }

    pub fn total_cents(&self) -> i64 {
        self.lines.iter().map(|line| line.units * line.price_cents).sum()
    }
}

pub(super) struct NewOrderLine {
    pub line_id: LineId,
    pub sku_id: SkuId,
    pub units: i64,
    pub price_cents: i64,
}

/// A numbered wish whose log entry was seen.
pub(super) struct Intent {
    pub round_id: RoundId,
    pub intent_no: i64,
    pub outcome: &'static str,
}

/// Applies the batch to the locked rows, in the order of the log.
pub(super) fn settle<'a>(batch: &'a Batch, books: &mut Books) -> Settled<'a> {
    let mut settled =
        Settled { claims: Vec::new(), orders: Vec::new(), intents: Vec::new(), dead: Vec::new(), unfenced: false };
    for entry in &batch.entries {
        if let Err(why) = apply(entry, books, &mut settled) {
            settled.dead.push((entry, why));
        }
    }
    settled
}

/// `Err` says why the entry cannot be applied; then it has changed nothing.
fn apply<'a>(entry: &'a Entry, books: &mut Books, settled: &mut Settled<'a>) -> Result<(), String> {
    match &entry.what {
        What::Broken(why) => return Err(why.clone()),
        What::Claims { round_id, claims } => {
            let promised_date = check(*round_id, claims, books)?;
            let Books { rounds, lines, stores, known } = books;
            let round = rounds.get_mut(round_id).ok_or_else(|| unknown("round", round_id))?;
            for claim in claims {
                if known.insert((*round_id, claim.claim_id)) {
                    enter(claim, round, promised_date, lines, stores, settled);
                }
            }
        }
        What::Control { round_id, intent_no, at_ms, change } => {
            let round = books.rounds.get_mut(round_id).ok_or_else(|| unknown("round", round_id))?;
            settled.intents.extend(control::apply(round, *intent_no, *at_ms, *change));
        }
        What::Bless { lost_ms } => {
            if let Some((round_id, _)) = lost_ms.iter().find(|(id, _)| !books.rounds.contains_key(id)) {
                return Err(unknown("round", round_id));
            }
            for (round_id, lost_ms) in lost_ms {
                if let Some(round) = books.rounds.get_mut(round_id) {
                    round.shift_ms = round.shift_ms.saturating_add(*lost_ms);
                    round.touched = true;
                }
            }
            settled.unfenced = true;
        }
    }
    Ok(())
}

/// Everything that the rows to be written refer to must exist, and every sum must be a number. Returns the promised date.
fn check(round_id: RoundId, claims: &[DecidedClaim], books: &Books) -> Result<NaiveDate, String> {
    let round = books.rounds.get(&round_id).ok_or_else(|| unknown("round", round_id))?;
    let (Some(_), Some(_), Some(promised_date)) = (round.day, round.period, round.dock_day) else {
        return Err(format!("round {round_id} was never published"));
    };
    for verdict in claims.iter().map(|claim| &claim.verdict) {
        if !books.stores.contains_key(&verdict.store_id) {
            return Err(unknown("store of this pool", verdict.store_id));
        }
        let mut total_cents = 0_i64;
        for line in &verdict.lines {
            let known = books.lines.get(&line.line_id).filter(|known| known.round_id == round_id);
            let known = known.ok_or_else(|| unknown("line of this round", line.line_id))?;
            let cents = line.granted.checked_mul(known.price_cents).and_then(|cents| total_cents.checked_add(cents));
            total_cents = cents.ok_or_else(|| format!("the amount of line {} is no number", line.line_id))?;
        }
    }
    Ok(promised_date)
}

fn unknown(what: &str, id: impl std::fmt::Display) -> String {
    format!("unknown {what}: {id}")
}

fn enter<'a>(
    decided: &'a DecidedClaim,
    round: &mut Round,
    promised_date: NaiveDate,
    lines: &mut BTreeMap<LineId, Line>,
    stores: &HashMap<StoreId, Store>,
    settled: &mut Settled<'a>,
) {
    let verdict = &decided.verdict;
    let revoked = excess(decided, lines);
    let kept = take(decided, &revoked, lines);
    let won_units = kept.values().flatten().map(|line| line.units).sum();

    round.chain_n += 1;
    let decision = if revoked.is_empty() { Decision::AsDecided(verdict.status) } else { Decision::Revoked(&revoked) };
    let event = chain::event(round.chain_n, decided.claim_id, &decided.packed, &decision);
    round.chain_hash = chain::link(&round.chain_hash, &event);
    count(round, decided, won_units, !revoked.is_empty());
    if let Some(store) = stores.get(&verdict.store_id).filter(|_| won_units > 0) {
        show_winner(round, store, won_units, verdict.decided_ms);
    }

    let first_order = settled.orders.len();
    settled.orders.extend(kept.into_iter().map(|(warehouse_id, lines)| NewOrder {
        order_id: OrderId::new(),
        shipment_id: ShipmentId::new(),
        claim: settled.claims.len(),
        warehouse_id,
        promised_date,
        lines,
    }));
    settled.claims.push(NewClaim {
        round_id: round.id,
        decided,
        revoked_cents: revoked.iter().map(|(id, units)| units * lines.get(id).map_or(0, |l| l.price_cents)).sum(),
        revoked,
        chain_n: round.chain_n,
        event,
        hash: round.chain_hash.clone(),
        orders: first_order..settled.orders.len(),
    });
}

/// What a claim was granted and the lines no longer have. Only a Redis that lost its past grants that.
fn excess(decided: &DecidedClaim, lines: &BTreeMap<LineId, Line>) -> Vec<(LineId, i64)> {
    let granted = || decided.verdict.lines.iter().filter(|line| line.granted > 0);
    let short = |id: &LineId, units: i64| lines.get(id).is_none_or(|line| units > line.left);
    match decided.verdict.mode {
        ClaimMode::Partial => {
            granted().filter(|l| short(&l.line_id, l.granted)).map(|l| (l.line_id, l.granted)).collect()
        }
        ClaimMode::AllOrNone if granted().any(|l| short(&l.line_id, l.granted)) => {
            granted().map(|l| (l.line_id, l.granted)).collect()
        }
        ClaimMode::AllOrNone => Vec::new(),
    }
}

/// Takes what is kept from the lines, warehouse by warehouse.
fn take(
    decided: &DecidedClaim,
    revoked: &[(LineId, i64)],
    lines: &mut BTreeMap<LineId, Line>,
) -> BTreeMap<WarehouseId, Vec<NewOrderLine>> {
    let mut kept = BTreeMap::<WarehouseId, Vec<NewOrderLine>>::new();
    for granted in decided.verdict.lines.iter().filter(|line| line.granted > 0) {
        if revoked.iter().any(|(id, _)| *id == granted.line_id) {
            continue;
        }
        let Some(line) = lines.get_mut(&granted.line_id) else { continue };
        line.left -= granted.granted;
        line.granted += granted.granted;
        if line.left == 0 && line.sold_out_at.is_none() {
            line.sold_out_at = Some(clock::from_ms(decided.verdict.decided_ms));
        }
        kept.entry(line.warehouse_id).or_default().push(NewOrderLine {
            line_id: line.id,
            sku_id: line.sku_id,
            units: granted.granted,
            price_cents: line.price_cents,
        });
    }
    kept
}

fn count(round: &mut Round, decided: &DecidedClaim, won_units: i64, revoked: bool) {
    round.touched = true;
    let (verdict, totals) = (&decided.verdict, &mut round.totals);
    totals.claims += 1;
    totals.won += i64::from(won_units > 0);
    totals.granted_units += won_units;
    totals.revoked += i64::from(revoked);
    totals.as_of = totals.as_of.max(Some(clock::from_ms(verdict.decided_ms)));
    if let (VerdictStatus::Refused, Some(reason)) = (verdict.status, verdict.reason) {
        *totals.refused.0.entry(reason.code().to_owned()).or_default() += 1;
    }
}

fn show_winner(round: &mut Round, store: &Store, units: i64, at_ms: UnixMs) {
    let winners = &mut round.totals.winners.0;
    let winner = Winner { store_code: store.code.clone(), store_name: store.name.clone(), units, at_ms };
    winners.insert(0, winner);
    winners.truncate(WINNERS_SHOWN);
}
