//! What the scripts must do, as a pure state machine that shares no code with them. Time is an input.

use graborder::{
    domain::{
        claim::{Claim, ClaimMode, LineVerdict, Verdict, VerdictStatus},
        ids::{ClaimId, LineId, RoundId, StoreId, UserId},
        reason::{Reason, Span},
        round::RoundState,
    },
    hot::{ClaimAnswer, IgnoredWhy, RoundReply, WarmLine, WarmRound, WarmStore},
};
use std::collections::{BTreeMap, HashMap};

#[derive(Debug, Default)]
pub struct Model {
    pub epoch: i64,
    pub n: i64,
    pub appended: i64,
    pub written: i64,
    pub applied_no: i64,
    pub rounds: BTreeMap<RoundId, Round>,
    pub counters: BTreeMap<(StoreId, Counter), i64>,
    pub suspended: BTreeMap<StoreId, i64>,
    /// Those who were changed, with the newest version.
    pub users: BTreeMap<UserId, i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    Credit,
    Day(String),
    Period(String),
    Dock(String),
}

#[derive(Debug)]
pub struct Round {
    pub told: WarmRound,
    /// `Settling` once it was closed.
    pub state: RoundState,
    pub closes_ms: i64,
    pub shift_ms: i64,
    pub last_ms: i64,
    pub intent_no: i64,
    pub latch: Option<(i64, i64)>,
    pub closed_ms: Option<i64>,
    pub lines: BTreeMap<LineId, Line>,
    pub taken: BTreeMap<(StoreId, Option<LineId>), i64>,
    pub claims: HashMap<ClaimId, Verdict>,
}

#[derive(Clone, Copy, Debug)]
pub struct Line {
    pub told: WarmLine,
    pub left: i64,
    pub sold_ms: i64,
}

impl Model {
    /// A round as it is loaded; counters that are there stay.
    pub fn load(&mut self, told: &WarmRound) {
        for store in &told.invited {
            for (counter, used) in keys(told).into_iter().zip([
                store.credit_used_cents,
                store.day_units,
                store.period_units,
                store.dock_used,
            ]) {
                self.counters.entry((store.store_id, counter)).or_insert(used);
            }
            if store.suspended_until_ms > 0 {
                self.suspended.entry(store.store_id).or_insert(store.suspended_until_ms);
            }
        }
        let lines =
            told.lines.iter().map(|line| (line.line_id, Line { told: *line, left: line.left, sold_ms: line.sold_ms }));
        let state = if told.state == RoundState::Warming { RoundState::Warming } else { RoundState::Open };
        self.rounds.insert(
            told.round_id,
            Round {
                state,
                closes_ms: told.closes_ms,
                shift_ms: told.shift_ms,
                last_ms: 0,
                intent_no: told.intent_no,
                latch: None,
                closed_ms: None,
                lines: lines.collect(),
                taken: BTreeMap::new(),
                claims: HashMap::new(),
                told: told.clone(),
            },
        );
    }

    pub fn claim(&mut self, now_ms: i64, backlog_max: i64, round_id: RoundId, claims: &[&Claim]) -> Vec<ClaimAnswer> {
        let n = self.n + 1;
        let before = self.appended;
        let answers = claims.iter().map(|claim| self.claim_one(now_ms, n, backlog_max, round_id, claim)).collect();
        if self.appended > before {
            self.n = n;
            if let Some(round) = self.rounds.get_mut(&round_id) {
                round.last_ms = now_ms;
            }
        }
        answers
    }

    fn claim_one(&mut self, now_ms: i64, n: i64, backlog_max: i64, round_id: RoundId, claim: &Claim) -> ClaimAnswer {
        let round = &self.rounds[&round_id];
        if let Some(verdict) = round.claims.get(&claim.claim_id) {
            return if verdict.body_hash == claim.body_hash() {
                ClaimAnswer::Known(verdict.clone())
            } else {
                ClaimAnswer::NotDecided(Reason::BadClaim {})
            };
        }
        if self.users.get(&claim.user_id).is_some_and(|newest| claim.auth_version < *newest) {
            return ClaimAnswer::SignedOut;
        }
        let store = round.told.invited.iter().find(|store| store.store_id == claim.store_id);
        let waits = if claim.lines().iter().any(|line| !round.lines.contains_key(&line.line_id)) {
            Some(Reason::BadClaim {})
        } else if self.appended - self.written >= backlog_max {
            Some(Reason::Overloaded { retry_after_ms: 1000 })
        } else {
            round.shut(now_ms).or_else(|| store.and_then(|store| round.too_early(store, now_ms)))
        };
        if let Some(reason) = waits {
            return ClaimAnswer::NotDecided(reason);
        }
        let refusal = match store {
            None => Some(Reason::NotInvited {}),
            Some(store) => match self.suspended.get(&store.store_id) {
                Some(until_ms) if *until_ms > now_ms => Some(Reason::Suspended { until_ms: *until_ms }),
                _ => None,
            },
        };
        let lines = match (refusal, store.cloned()) {
            (None, Some(store)) => self.basket(now_ms, round_id, &store, claim),
            _ => claim.lines().iter().map(|line| nothing(line.line_id, line.qty, None)).collect(),
        };
        let reason = refusal.or_else(|| lines.iter().filter_map(|line| line.reason).min_by_key(rank));
        let granted: i64 = lines.iter().map(|line| line.granted).sum();
        let verdict = Verdict {
            body_hash: claim.body_hash(),
            store_id: claim.store_id,
            user_id: claim.user_id,
            mode: claim.mode,
            status: match (granted, reason) {
                (0, _) => VerdictStatus::Refused,
                (_, None) => VerdictStatus::Won,
                _ => VerdictStatus::PartlyWon,
            },
            reason,
            decided_ms: now_ms,
            epoch: self.epoch,
            n,
            lines,
        };
        self.appended += 1;
        self.rounds.get_mut(&round_id).unwrap().claims.insert(claim.claim_id, verdict.clone());
        ClaimAnswer::Decided(verdict)
    }

    /// Line by line on a copy; a basket that may not be split and fails somewhere puts everything back.
    fn basket(&mut self, now_ms: i64, round_id: RoundId, store: &WarmStore, claim: &Claim) -> Vec<LineVerdict> {
        let before = self.units(round_id, store);
        let mut lines = Vec::new();
        for asked in claim.lines() {
            let verdict = self.line(now_ms, round_id, store, claim.mode, asked.line_id, asked.qty);
            self.take(round_id, store, asked.line_id, verdict.granted);
            lines.push(verdict);
        }
        if claim.mode == ClaimMode::AllOrNone && lines.iter().any(|line| line.reason.is_some()) {
            for line in &mut lines {
                self.take(round_id, store, line.line_id, -line.granted);
                line.granted = 0;
            }
            assert_eq!(before, self.units(round_id, store));
        }
        let round = self.rounds.get_mut(&round_id).unwrap();
        for line in &lines {
            let of = round.lines.get_mut(&line.line_id).unwrap();
            if of.left == 0 && line.granted > 0 {
                of.sold_ms = now_ms;
            }
        }
        lines
    }

    fn line(
        &self,
        now_ms: i64,
        round_id: RoundId,
        store: &WarmStore,
        mode: ClaimMode,
        id: LineId,
        asked: i64,
    ) -> LineVerdict {
        let line = &self.rounds[&round_id].lines[&id];
        let pack = line.told.pack;
        let fails = match store.lines.iter().find(|own| own.line_id == id) {
            Some(own) if own.listed => match own.gate {
                Some(gate) if own.net >= gate => Some(Reason::StockAbove { net: own.net, gate }),
                _ if asked % pack != 0 => Some(Reason::NotWholePacks {
                    pack,
                    asked,
                    fix: if asked < pack { pack } else { asked / pack * pack },
                }),
                _ if asked < line.told.min => Some(Reason::BelowMinimum { min: line.told.min, asked }),
                _ => None,
            },
            _ => Some(Reason::NotListed {}),
        };
        if fails.is_some() {
            return nothing(id, asked, fails);
        }
        let limits = self.limits(now_ms, round_id, store, id, asked);
        let packs = |units: i64| units / pack * pack;
        let (granted, reason) = match mode {
            ClaimMode::AllOrNone => match limits.into_iter().find(|(units, _)| *units < asked) {
                Some((_, reason)) => (0, Some(reason)),
                None => (asked, None),
            },
            // The first of the smallest.
            ClaimMode::Partial => match limits.into_iter().min_by_key(|(units, _)| packs(*units)) {
                Some((units, reason)) if packs(units) < asked => (packs(units), Some(reason)),
                _ => (asked, None),
            },
        };
        LineVerdict { line_id: id, asked, granted, reason }
    }

    /// How many units each limit leaves, never below 0, and how it says so.
    fn limits(&self, now_ms: i64, round_id: RoundId, store: &WarmStore, id: LineId, asked: i64) -> Vec<(i64, Reason)> {
        let round = &self.rounds[&round_id];
        let line = &round.lines[&id];
        let own = store.lines.iter().find(|own| own.line_id == id).unwrap();
        let taken = |line| round.taken.get(&(store.store_id, line)).copied().unwrap_or(0);
        let [credit, day, period, dock] = keys(&round.told).map(|counter| self.counters[&(store.store_id, counter)]);
        let room = |cap: i64, used: i64| (cap - used).max(0);
        let mut limits = Vec::new();

        let cap = own.need_cap.min(line.told.cap_line.unwrap_or(i64::MAX));
        let left = room(cap, taken(Some(id)));
        limits.push((left, Reason::LineCap { cap, left }));
        if let Some(cap) = store.cap_round {
            let left = room(cap, taken(None));
            limits.push((left, Reason::RoundCap { cap, taken: taken(None), left }));
        }
        for (cap, taken, span) in [(store.cap_day, day, Span::Day), (store.cap_period, period, Span::Period)] {
            if let Some(cap) = cap {
                let left = room(cap, taken);
                limits.push((left, Reason::SpanCap { cap, taken, left, span }));
            }
        }
        if line.told.price_cents > 0 {
            let left_cents = room(store.credit_limit_cents, credit);
            let need_cents = line.told.price_cents * asked;
            let short_cents = need_cents - left_cents;
            limits.push((
                left_cents / line.told.price_cents,
                Reason::CreditShort { short_cents, left_cents, need_cents },
            ));
        }
        let left = room(store.dock_units, dock);
        limits.push((left, Reason::DockFull { cap: store.dock_units, left }));
        let sold_out = Reason::SoldOut { sold_out_at_ms: line.sold_ms, recv_at_ms: now_ms, left: line.left };
        limits.push((line.left, sold_out));
        limits
    }

    /// Moves units of a line to a store, or back.
    fn take(&mut self, round_id: RoundId, store: &WarmStore, id: LineId, units: i64) {
        if units == 0 {
            return;
        }
        let round = self.rounds.get_mut(&round_id).unwrap();
        let line = round.lines.get_mut(&id).unwrap();
        line.left -= units;
        let cents = line.told.price_cents * units;
        for of in [None, Some(id)] {
            *round.taken.entry((store.store_id, of)).or_default() += units;
        }
        for (counter, amount) in keys(&round.told).into_iter().zip([cents, units, units, units]) {
            *self.counters.get_mut(&(store.store_id, counter)).unwrap() += amount;
        }
    }

    fn units(&self, round_id: RoundId, store: &WarmStore) -> Vec<i64> {
        let round = &self.rounds[&round_id];
        let counters = keys(&round.told).map(|counter| self.counters[&(store.store_id, counter)]);
        round.lines.values().map(|line| line.left).chain(counters).collect()
    }

    /// Units given back by the books; whatever is not there stays away.
    pub fn release(
        &mut self,
        number: i64,
        round_id: RoundId,
        store_id: StoreId,
        credit_cents: i64,
        lines: &[(LineId, i64)],
    ) -> bool {
        if number <= self.applied_no {
            return false;
        }
        self.applied_no = number;
        let total: i64 = lines.iter().map(|(_, units)| units).sum();
        let round = self.rounds.get_mut(&round_id).unwrap();
        let given = lines.iter().map(|(id, units)| (Some(*id), *units)).chain([(None, total)]);
        for (of, units) in given {
            round.taken.entry((store_id, of)).and_modify(|taken| *taken = (*taken - units).max(0));
        }
        for (counter, amount) in keys(&round.told).into_iter().zip([credit_cents, total, total, total]) {
            self.counters.entry((store_id, counter)).and_modify(|used| *used = (*used - amount).max(0));
        }
        true
    }

    pub fn suspend(&mut self, number: i64, store_id: StoreId, until_ms: i64) -> bool {
        if number <= self.applied_no {
            return false;
        }
        self.applied_no = number;
        self.suspended.insert(store_id, until_ms);
        true
    }

    pub fn change_user(&mut self, number: i64, user_id: UserId, auth_version: i64) -> bool {
        if number <= self.applied_no {
            return false;
        }
        self.applied_no = number;
        self.users.insert(user_id, auth_version);
        true
    }

    /// What an intent does at this moment.
    pub fn intent(&mut self, now_ms: i64, round_id: RoundId, intent_no: i64, what: Wish) -> RoundReply {
        let Some(round) = self.rounds.get_mut(&round_id) else { return RoundReply::Unknown };
        let over = round.latch.map_or(now_ms, |(_, paused_ms)| paused_ms) >= round.closes_ms + round.shift_ms;
        let why = match (what, round.state) {
            _ if intent_no <= round.intent_no => Some(IgnoredWhy::Intent),
            (Wish::Open, RoundState::Warming) | (Wish::Pause, RoundState::Open) => None,
            (Wish::Resume(pause_no), RoundState::Paused) => {
                (round.latch.map(|(no, _)| no) != Some(pause_no)).then_some(IgnoredWhy::Latch)
            }
            (Wish::Extend(_), RoundState::Warming | RoundState::Open | RoundState::Paused) if !over => None,
            (Wish::Stop, RoundState::Open | RoundState::Paused) => None,
            (Wish::Close, RoundState::Paused) => Some(IgnoredWhy::Latch),
            (Wish::Close, RoundState::Open) => (!over).then_some(IgnoredWhy::Early),
            _ => Some(IgnoredWhy::State),
        };
        if let Some(why) = why {
            return RoundReply::Ignored(why);
        }
        match what {
            Wish::Open => round.state = RoundState::Open,
            Wish::Pause => (round.state, round.latch) = (RoundState::Paused, Some((intent_no, now_ms))),
            Wish::Resume(_) => {
                let (_, paused_ms) = round.latch.take().unwrap();
                round.shift_ms += now_ms - paused_ms;
                round.state = RoundState::Open;
            }
            Wish::Extend(closes_ms) => round.closes_ms = closes_ms,
            Wish::Stop | Wish::Close => {
                (round.state, round.latch, round.closed_ms) = (RoundState::Settling, None, Some(now_ms));
            }
        }
        self.n += 1;
        (round.intent_no, round.last_ms) = (intent_no, now_ms);
        RoundReply::Applied { n: self.n, at_ms: now_ms }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Wish {
    Open,
    Pause,
    Resume(i64),
    Extend(i64),
    Stop,
    Close,
}

impl Round {
    fn shut(&self, now_ms: i64) -> Option<Reason> {
        let opens_at_ms = self.told.opens_ms + self.shift_ms;
        let planned_ms = self.closes_ms + self.shift_ms;
        let closes_at_ms = self.closed_ms.map_or(planned_ms, |closed_ms| closed_ms.min(planned_ms));
        let not_open = Some(Reason::NotOpen { opens_at_ms, closes_at_ms, recv_at_ms: now_ms });
        match self.state {
            RoundState::Settling | RoundState::Warming => not_open,
            _ if now_ms < opens_at_ms => not_open,
            RoundState::Paused => Some(Reason::Paused { paused_at_ms: self.latch.unwrap().1 }),
            RoundState::Open if now_ms >= planned_ms => not_open,
            _ => None,
        }
    }

    fn too_early(&self, store: &WarmStore, now_ms: i64) -> Option<Reason> {
        let opens_at_ms = self.told.opens_ms + self.shift_ms + store.offset_ms;
        (now_ms < opens_at_ms).then_some(Reason::Stage { opens_at_ms, recv_at_ms: now_ms })
    }
}

fn nothing(line_id: LineId, asked: i64, reason: Option<Reason>) -> LineVerdict {
    LineVerdict { line_id, asked, granted: 0, reason }
}

/// Credit, day, period, dock.
pub fn keys(round: &WarmRound) -> [Counter; 4] {
    [
        Counter::Credit,
        Counter::Day(round.day.clone()),
        Counter::Period(round.period.clone()),
        Counter::Dock(round.dock_day.clone()),
    ]
}

fn rank(reason: &Reason) -> usize {
    let order = ["E06", "E07", "E08", "E09", "E10", "E11", "E12", "E13", "E17", "E14"];
    order.iter().position(|code| *code == reason.code()).unwrap()
}
