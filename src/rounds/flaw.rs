//! What is wrong with a draft: which field, and why. All flaws are told at once.

use super::{InvitedStores, NewLine};
use crate::domain::{
    claim::{LINES_MAX, QTY_MAX},
    round::Policy,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::{collections::HashSet, fmt};

/// A round has as many lines as a basket: the scripts keep a store's lines in one record of that size.
const ROUND_LINES_MAX: usize = LINES_MAX;
/// `QTY_MAX` units at this price are still a whole number of cents in a Lua number: 2^53 / 10^7.
const PRICE_CENTS_MAX: i64 = 900_719_925;
/// Stages open within the hour.
const OFFSET_MS_MAX: i64 = 3_600_000;
/// Above this a cap could limit no more than none does, and sums of it stay exact everywhere.
const CAP_MAX: i64 = 1_000_000_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// JSON pointer into the round's body, `/lines/0/pledged`.
    pub pointer: String,
    pub kind: FlawKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlawKind {
    OutOfRange,
    Empty,
    TooMany,
    /// The same thing named twice.
    Twice,
    /// The books do not know it, or not in this pool.
    Unknown,
    /// Closing is not after opening, or already past.
    Late,
    /// The part kept back is not below the whole.
    NothingOffered,
}

impl fmt::Display for FlawKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfRange => "out of range",
            Self::Empty => "must not be empty",
            Self::TooMany => "too many",
            Self::Twice => "named twice",
            Self::Unknown => "unknown",
            Self::Late => "must be later",
            Self::NothingOffered => "must be below what is pledged",
        })
    }
}

/// Collects flaws, so that a form shows all of them.
#[derive(Default)]
pub struct Flaws(Vec<Flaw>);

impl Flaws {
    pub fn add(&mut self, pointer: impl Into<String>, kind: FlawKind) {
        self.0.push(Flaw { pointer: pointer.into(), kind });
    }

    fn unless(&mut self, fits: bool, pointer: impl Into<String>, kind: FlawKind) {
        if !fits {
            self.add(pointer, kind);
        }
    }

    fn optional(&mut self, value: Option<i64>, range: std::ops::RangeInclusive<i64>, pointer: impl Into<String>) {
        self.unless(value.is_none_or(|value| range.contains(&value)), pointer, FlawKind::OutOfRange);
    }

    pub fn none_or_error(self) -> super::Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(super::Error::Flawed(self.0)) }
    }

    pub fn head(&mut self, name: &str, opens_at: DateTime<Utc>, closes_at: DateTime<Utc>, policy: &Policy) {
        let length = name.trim().chars().count();
        self.unless(length > 0, "/name", FlawKind::Empty);
        self.unless(length <= 80, "/name", FlawKind::OutOfRange);
        self.unless(closes_at > opens_at, "/closes_at", FlawKind::Late);
        self.optional(Some(policy.need_percent), 0..=1_000, "/policy/need_percent");
        self.optional(Some(policy.cap_no_need), 0..=QTY_MAX, "/policy/cap_no_need");
        self.optional(policy.gate_percent, 1..=1_000, "/policy/gate_percent");
        self.optional(policy.cap_round, 0..=CAP_MAX, "/policy/cap_round");
        self.optional(policy.cap_day, 0..=CAP_MAX, "/policy/cap_day");
        self.optional(policy.cap_period, 0..=CAP_MAX, "/policy/cap_period");
        self.optional(Some(policy.period_days), 1..=366, "/policy/period_days");
        self.optional(Some(policy.deliver_in_days), 0..=60, "/policy/deliver_in_days");
    }

    pub fn lines(&mut self, lines: &[NewLine]) {
        self.unless(!lines.is_empty(), "/lines", FlawKind::Empty);
        self.unless(lines.len() <= ROUND_LINES_MAX, "/lines", FlawKind::TooMany);
        let mut seen = HashSet::new();
        for (i, line) in lines.iter().enumerate() {
            let at = |field: &str| format!("/lines/{i}/{field}");
            self.unless(seen.insert((line.sku_id, line.warehouse_id)), at("sku_id"), FlawKind::Twice);
            self.optional(Some(line.pledged), 1..=QTY_MAX, at("pledged"));
            self.unless(line.holdback >= 0, at("holdback"), FlawKind::OutOfRange);
            self.unless(line.holdback < line.pledged, at("holdback"), FlawKind::NothingOffered);
            self.optional(line.price_cents, 0..=PRICE_CENTS_MAX, at("price_cents"));
            self.optional(line.pack, 1..=QTY_MAX, at("pack"));
            self.optional(line.min_claim, 1..=QTY_MAX, at("min_claim"));
            self.optional(line.cap_line, 1..=QTY_MAX, at("cap_line"));
        }
    }

    pub fn stores(&mut self, stores: &InvitedStores) {
        let InvitedStores::These(stores) = stores else { return };
        self.unless(!stores.is_empty(), "/stores", FlawKind::Empty);
        let mut seen = HashSet::new();
        for (i, store) in stores.iter().enumerate() {
            let at = |field: &str| format!("/stores/{i}/{field}");
            self.unless(seen.insert(store.store_id), at("store_id"), FlawKind::Twice);
            self.optional(Some(store.offset_ms), 0..=OFFSET_MS_MAX, at("offset_ms"));
            self.optional(store.cap_round, 0..=CAP_MAX, at("cap_round"));
            self.optional(store.cap_day, 0..=CAP_MAX, at("cap_day"));
            self.optional(store.cap_period, 0..=CAP_MAX, at("cap_period"));
        }
    }
}
