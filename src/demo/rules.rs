//! Everything about the demo chain that is derived and not real.
//!
//! Each rule is a pure function of the real figures and, where a spread is wanted, of a hash of
//! the codes, so that every machine derives the same chain. Change a rule here and in
//! `demo/README.md` together.

use sha2::{Digest, Sha256};

use crate::domain::need::{Need, NeedInput};

/// The window of sales that the extract covers.
pub const WINDOW_DAYS: i64 = 28;

/// From order to shelf, until the next look, and against surprises: 28 days of cover together.
/// A month of sales is what it takes for the need of a small store to reach whole cases.
pub const LEAD_DAYS: i64 = 3;
pub const REVIEW_DAYS: i64 = 7;
pub const SAFETY_DAYS: i64 = 18;

/// A shelf holds at most six weeks of sales, and always room for two cases.
const MAX_COVER_DAYS: i64 = 42;
const MAX_CASES_LEAST: i64 = 2;

/// Half a dozen bottles look presentable where the article has no inner pack.
const PRESENTATION_UNITS: i64 = 6;

/// Of a hundred listings so many open short of stock, and so many with enough; the rest are full.
const SHORT_OF_100: u64 = 65;
const ENOUGH_OF_100: u64 = 20;
/// A listing short of stock opens with less than this part of its target.
const SHORT_BELOW_PERCENT: u64 = 60;

/// Credit is sixty days of the store's own sales at list price, at least 20,000 yuan, rounded up
/// to whole hundreds of yuan.
const CREDIT_DAYS: i64 = 60;
const CREDIT_LEAST_CENTS: i64 = 2_000_000;
const CREDIT_STEP_CENTS: i64 = 10_000;

/// A dock takes twice the store's busiest day, at least ten cases of twelve, the commonest case.
const DOCK_FACTOR: i64 = 2;
const DOCK_LEAST_UNITS: i64 = 10 * 12;

/// The main warehouse opens with twice the chain's sales of the window, the second with once.
const MAIN_STOCK_WINDOWS: i64 = 2;
const SECOND_STOCK_WINDOWS: i64 = 1;
/// Every third article lies in the second warehouse too, so that baskets may span both.
const SECOND_EVERY: u64 = 3;

/// The two warehouses.
pub const MAIN_WAREHOUSE_CODE: &str = "WH1";
pub const MAIN_WAREHOUSE_NAME: &str = "中心仓";
pub const SECOND_WAREHOUSE_CODE: &str = "WH2";
pub const SECOND_WAREHOUSE_NAME: &str = "东部仓";

/// How much of one article one store keeps, and when it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShelfPolicy {
    /// The shelf and the back room hold no more.
    pub max_units: i64,
    /// Fewer do not look presentable.
    pub presentation_units: i64,
    pub lead_days: i64,
    pub review_days: i64,
    pub safety_days: i64,
}

/// A stable number for a set of codes. The purpose keeps two rules about the same codes apart.
fn spread(purpose: &str, codes: &[&str]) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(purpose);
    for code in codes {
        // The separator keeps ("1", "23") and ("12", "3") apart.
        hasher.update(b"\n");
        hasher.update(code);
    }
    hasher.finalize()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub fn shelf_policy(sales_units: i64, case_units: i64, inner_units: Option<i64>) -> ShelfPolicy {
    let presentation_units = inner_units.filter(|units| *units > 1).unwrap_or(PRESENTATION_UNITS).min(case_units);
    let six_weeks_units = ceil_div(sales_units.max(0) * MAX_COVER_DAYS, WINDOW_DAYS);
    ShelfPolicy {
        max_units: six_weeks_units.max(MAX_CASES_LEAST * case_units),
        presentation_units,
        lead_days: LEAD_DAYS,
        review_days: REVIEW_DAYS,
        safety_days: SAFETY_DAYS,
    }
}

/// What the need rule is asked for a listing with this much on its shelf.
pub fn need_input(sales_units: i64, policy: &ShelfPolicy, on_hand_units: i64) -> NeedInput {
    NeedInput {
        on_hand: on_hand_units,
        in_transit: 0,
        granted_not_shipped: 0,
        sales_units,
        days: WINDOW_DAYS,
        stockout_days: 0,
        lead_days: policy.lead_days,
        review_days: policy.review_days,
        safety_days: policy.safety_days,
        presentation_units: policy.presentation_units,
        max_units: policy.max_units,
    }
}

/// Opening stock of a listing. Two numbers of the hash decide: which of the three bands the
/// listing falls into, and where it stands within the band.
///
/// - short: from nothing to under 60 % of the target, in whole presentation packs;
/// - enough: from the target to just below the maximum;
/// - full: the maximum and up to one case above it, beyond any stock gate.
pub fn opening_stock_units(
    store_code: &str,
    sku: &str,
    sales_units: i64,
    case_units: i64,
    policy: &ShelfPolicy,
) -> i64 {
    let target_units = Need::of(&need_input(sales_units, policy, 0)).target_units;
    let number = spread("opening stock", &[store_code, sku]);
    let band = number % 100;
    let place_percent = number / 100 % 100;
    if band < SHORT_OF_100 {
        let units = percent_of(target_units, place_percent * SHORT_BELOW_PERCENT / 100);
        units / policy.presentation_units * policy.presentation_units
    } else if band < SHORT_OF_100 + ENOUGH_OF_100 {
        target_units + percent_of(policy.max_units - target_units, place_percent)
    } else {
        policy.max_units + percent_of(case_units, place_percent)
    }
}

/// `window_value_cents` is what the store's sales of the window cost at list price.
pub fn credit_limit_cents(window_value_cents: i64) -> i64 {
    let cents = ceil_div(window_value_cents.max(0) * CREDIT_DAYS, WINDOW_DAYS);
    ceil_div(cents.max(CREDIT_LEAST_CENTS), CREDIT_STEP_CENTS) * CREDIT_STEP_CENTS
}

pub fn dock_units_per_day(busiest_day_units: i64) -> i64 {
    (busiest_day_units * DOCK_FACTOR).max(DOCK_LEAST_UNITS)
}

/// Opening stock of the main warehouse, in whole cases. `sales_units` are the chain's.
pub fn main_warehouse_units(sales_units: i64, case_units: i64) -> i64 {
    whole_cases(sales_units * MAIN_STOCK_WINDOWS, case_units)
}

/// Opening stock of the second warehouse, and none where it does not hold the article.
pub fn second_warehouse_units(sku: &str, sales_units: i64, case_units: i64) -> Option<i64> {
    spread("second warehouse", &[sku])
        .is_multiple_of(SECOND_EVERY)
        .then(|| whole_cases(sales_units * SECOND_STOCK_WINDOWS, case_units))
}

fn whole_cases(units: i64, case_units: i64) -> i64 {
    ceil_div(units.max(0), case_units) * case_units
}

/// `percent` is below 100, so the part is smaller than the whole and the conversion is exact.
fn percent_of(units: i64, percent: u64) -> i64 {
    units * i64::try_from(percent).unwrap_or(0) / 100
}

fn ceil_div(a: i64, b: i64) -> i64 {
    -(-a).div_euclid(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_of_a_listing_is_its_sales_of_the_window() {
        for sales_units in [6, 7, 11, 12, 29, 84, 2_100] {
            let policy = shelf_policy(sales_units, 12, None);
            let need = Need::of(&need_input(sales_units, &policy, 0));
            assert_eq!((need.cover_days, need.target_units), (28, sales_units));
        }
    }

    #[test]
    fn a_shelf_policy_follows_sales_case_and_inner_pack() {
        let slow = shelf_policy(2, 12, None);
        assert_eq!((slow.presentation_units, slow.max_units), (6, 24));
        let fast = shelf_policy(101, 12, Some(4));
        assert_eq!((fast.presentation_units, fast.max_units), (4, 152));
        let display = shelf_policy(1, 1, Some(1));
        assert_eq!((display.presentation_units, display.max_units), (1, 2));
    }

    #[test]
    fn opening_stock_never_changes_from_machine_to_machine() {
        let policy = shelf_policy(40, 12, None);
        let opening = |store| opening_stock_units(store, "11773", 40, 12, &policy);
        let stores = ["2106", "2130", "2190", "2191", "2200", "2205", "2228", "2233"];
        // Computed by another program in another language from the same words.
        assert_eq!(stores.map(opening), [0, 6, 54, 18, 42, 61, 12, 0]);
    }

    #[test]
    fn codes_that_join_to_the_same_text_are_spread_apart() {
        assert_ne!(spread("x", &["1", "23"]), spread("x", &["12", "3"]));
        assert_ne!(spread("x", &["1"]), spread("y", &["1"]));
    }

    #[test]
    fn credit_is_sixty_days_of_sales_and_at_least_twenty_thousand_yuan() {
        assert_eq!(credit_limit_cents(0), 2_000_000);
        assert_eq!(credit_limit_cents(2_800_000), 6_000_000);
        assert_eq!(credit_limit_cents(2_800_001), 6_010_000);
    }

    #[test]
    fn a_dock_takes_ten_cases_or_twice_the_busiest_day() {
        assert_eq!(dock_units_per_day(0), 120);
        assert_eq!(dock_units_per_day(300), 600);
    }

    #[test]
    fn warehouses_open_with_whole_cases() {
        assert_eq!(main_warehouse_units(31, 12), 72);
        assert_eq!(main_warehouse_units(-3, 12), 0);
        let held = (0..300)
            .filter_map(|sku| second_warehouse_units(&sku.to_string(), 31, 12))
            .inspect(|units| assert_eq!(*units, 36))
            .count();
        assert!((70..=130).contains(&held), "{held} of 300");
    }
}
