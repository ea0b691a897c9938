//! Random rounds and random wishes: small numbers, so that every limit is met often, and ids that come again.

use super::{model::Wish, world};
use graborder::{
    domain::{
        claim::{Claim, ClaimLine, ClaimMode},
        ids::{ClaimId, LineId, StoreId, UserId},
    },
    hot::{SnapshotRound, WarmRound, WarmStoreLine},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use uuid::Uuid;

pub struct Dice(StdRng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub fn below(&mut self, end: i64) -> i64 {
        self.0.random_range(0..end)
    }

    pub fn chance(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.0.random_range(0..from.len())]
    }

    fn maybe(&mut self, percent: i64, limit: i64) -> Option<i64> {
        self.chance(percent).then(|| self.below(limit))
    }

    pub fn uuid(&mut self) -> Uuid {
        Uuid::from_u128(self.0.random())
    }

    /// One to three lines, the stores of the pool or some of them, a day that other rounds share or not.
    pub fn round(&mut self, stores: &[StoreId], now_ms: i64) -> SnapshotRound {
        let lines = usize::try_from(1 + self.below(3)).unwrap();
        let mut world = world::round(lines, 0, now_ms);
        let round = &mut world.round;
        round.round_id.0 = self.uuid();
        for line in &mut round.lines {
            line.line_id.0 = self.uuid();
            line.pack = *self.pick(&[1, 6, 12]);
            line.min = *self.pick(&[1, 1, 12]);
            line.cap_line = self.maybe(30, 60);
            line.price_cents = *self.pick(&[0, 99, 250]);
            line.left = self.below(400);
        }
        // Some open a moment later, some close while they are looked at.
        round.opens_ms = now_ms + *self.pick(&[-60_000, -60_000, -60_000, 40]);
        round.closes_ms = now_ms + *self.pick(&[3_600_000, 3_600_000, 150]);
        round.shift_ms = *self.pick(&[0, 0, 30]);
        round.dock_day = self.pick(&["2026-11-24", "2026-11-25"]).to_string();
        round.day = self.pick(&["2026-11-23", "2026-11-23", "2026-11-22"]).to_string();
        for store_id in stores {
            if self.chance(85) {
                let mut store = world::store(&round.lines);
                store.store_id = *store_id;
                store.offset_ms = *self.pick(&[0, 0, 0, 60_060]);
                store.cap_round = self.maybe(40, 120);
                store.cap_day = self.maybe(50, 200);
                store.cap_period = self.maybe(50, 300);
                store.dock_units = *self.pick(&[60, 150, 100_000]);
                store.credit_limit_cents = *self.pick(&[10_000, 60_000, 100_000_000]);
                (store.day_units, store.period_units) = (self.below(20), self.below(20));
                (store.dock_used, store.credit_used_cents) = (self.below(20), self.below(2_000));
                store.suspended_until_ms = *self.pick(&[0, 0, 0, 0, now_ms + 100]);
                store.lines.iter_mut().for_each(|line| self.own(line));
                if self.chance(10) {
                    store.lines.truncate(1);
                }
                round.invited.push(store);
            }
        }
        world
    }

    fn own(&mut self, line: &mut WarmStoreLine) {
        line.listed = !self.chance(7);
        (line.net, line.gate) = (self.below(40) - 5, self.maybe(40, 60));
        line.need_cap = *self.pick(&[13, 48, 10_000]);
    }

    /// A fresh claim, an earlier one again, or an earlier id with another body; of one of these users, under any version.
    pub fn claim(&mut self, round: &WarmRound, stores: &[StoreId], users: &[UserId], sent: &[Claim]) -> Claim {
        let before: Vec<&Claim> = sent.iter().filter(|claim| claim.round_id == round.round_id).collect();
        let again = !before.is_empty();
        if again && self.chance(20) {
            return (*self.pick(&before)).clone();
        }
        let id = if again && self.chance(6) { self.pick(&before).claim_id } else { ClaimId(self.uuid()) };
        let mut lines: Vec<ClaimLine> = Vec::new();
        for line in &round.lines {
            if lines.is_empty() || self.chance(60) {
                let most = *self.pick(&[3, 3, 20]);
                let packs = 1 + self.below(most);
                let odd = if self.chance(6) { 1 + self.below(3) } else { 0 };
                lines.push(ClaimLine { line_id: line.line_id, qty: packs * line.pack + odd });
            }
        }
        if self.chance(2) {
            lines.push(ClaimLine { line_id: LineId(self.uuid()), qty: 6 });
        }
        let store = if self.chance(3) { StoreId(self.uuid()) } else { *self.pick(stores) };
        let mode = if self.chance(50) { ClaimMode::Partial } else { ClaimMode::AllOrNone };
        let (user, auth_version) = (*self.pick(users), 1 + self.below(4));
        Claim::new(id, round.round_id, store, user, auth_version, mode, lines).unwrap()
    }

    /// Mostly what can be done now; `pause_no` is the pause that holds.
    pub fn wish(&mut self, pause_no: Option<i64>, now_ms: i64) -> Wish {
        match self.below(20) {
            0..=6 => pause_no.map_or(Wish::Pause, Wish::Resume),
            7..=9 => Wish::Open,
            10..=11 => Wish::Pause,
            12 => Wish::Resume(self.below(9)),
            13..=15 => Wish::Extend(now_ms + *self.pick(&[100, 3_600_000])),
            16..=18 => Wish::Close,
            _ => Wish::Stop,
        }
    }
}
