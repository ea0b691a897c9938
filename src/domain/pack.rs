//! Rounding a quantity to whole packs. The warehouse ships cases, and only where the article
//! allows it, the inner packs inside them.

use serde::{Deserialize, Serialize};

use super::arithmetic::{mul_ceil_div, mul_floor_div};

/// How an article is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    /// Units in a case. Anything below one is read as one: loose units.
    pub case_units: i64,
    /// Units in an inner pack, if the case has inner packs.
    pub inner_units: Option<i64>,
    /// Whether the warehouse may open a case.
    pub broken_case_ok: bool,
}

/// What a quantity that is no whole number of packs becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rounding {
    Down,
    Up,
    Nearest,
    /// Up, unless the shelf would then hold more than it may; then down.
    #[default]
    UpToMax,
}

/// The room a quantity is rounded into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelf {
    pub net_units: i64,
    pub max_units: i64,
}

impl Pack {
    /// Whole cases; where these come to nothing and cases may be broken, whole inner packs.
    pub fn round(&self, units: i64, rounding: Rounding, shelf: Shelf) -> i64 {
        let cases = round_to(self.case_units, units, rounding, shelf);
        match self.smaller_pack() {
            Some(inner_units) if cases == 0 => round_to(inner_units, units, rounding, shelf),
            _ => cases,
        }
    }

    /// The most that fits below `units`: whole cases, or inner packs where no case fits.
    pub fn floor(&self, units: i64) -> i64 {
        let anywhere = Shelf { net_units: 0, max_units: 0 };
        self.round(units.max(0), Rounding::Down, anywhere)
    }

    fn smaller_pack(&self) -> Option<i64> {
        self.inner_units.filter(|_| self.broken_case_ok)
    }
}

fn round_to(pack_units: i64, units: i64, rounding: Rounding, shelf: Shelf) -> i64 {
    let pack_units = pack_units.max(1);
    let packs = |count: Option<i64>| count.unwrap_or(0).saturating_mul(pack_units);
    let lo = packs(mul_floor_div(units, 1, pack_units));
    let hi = packs(mul_ceil_div(units, 1, pack_units));
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => true,
        Rounding::Nearest => units.saturating_sub(lo).saturating_mul(2) >= pack_units,
        Rounding::UpToMax => shelf.net_units.saturating_add(hi) <= shelf.max_units,
    };
    if up { hi } else { lo }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Rounding; 4] = [Rounding::Down, Rounding::Up, Rounding::Nearest, Rounding::UpToMax];

    fn cases_of(case_units: i64) -> Pack {
        Pack { case_units, inner_units: None, broken_case_ok: false }
    }

    fn all_ways(pack: Pack, units: i64, net_units: i64, max_units: i64) -> [i64; 4] {
        let shelf = Shelf { net_units, max_units };
        ALL.map(|rounding| pack.round(units, rounding, shelf))
    }

    #[test]
    fn vector_a_half_a_case_is_rounded_down_up_to_the_nearest_and_up_to_the_maximum() {
        assert_eq!(all_ways(cases_of(12), 6, 18, 60), [0, 12, 12, 12]);
    }

    #[test]
    fn vector_b_one_whole_case_stays_one_case_whichever_way() {
        assert_eq!(all_ways(cases_of(6), 6, 0, 24), [6, 6, 6, 6]);
    }

    #[test]
    fn vector_e_a_second_case_that_would_overfill_the_shelf_is_left_out() {
        let [_, up, _, up_to_max] = all_ways(cases_of(100), 106, 194, 300);
        assert_eq!((up, up_to_max), (200, 100));
    }

    #[test]
    fn a_case_may_be_broken_only_where_that_is_allowed() {
        let broken = Pack { case_units: 12, inner_units: Some(3), broken_case_ok: true };
        let sealed = Pack { broken_case_ok: false, ..broken };
        assert_eq!(all_ways(broken, 4, 20, 26), [3, 12, 3, 6]);
        assert_eq!(all_ways(sealed, 4, 20, 26), [0, 12, 0, 0]);
        assert_eq!((broken.floor(5), broken.floor(13)), (3, 12));
        assert_eq!((sealed.floor(5), sealed.floor(-1)), (0, 0));
    }

    #[test]
    fn a_pack_without_a_size_means_loose_units() {
        assert_eq!(all_ways(cases_of(0), 5, 0, 100), [5, 5, 5, 5]);
    }

    proptest! {
        #[test]
        fn a_rounded_quantity_is_a_whole_number_of_cases_less_than_one_case_away(
            case_units in 1..500_i64,
            units in 0..100_000_i64,
            net_units in 0..100_000_i64,
            max_units in 0..200_000_i64,
        ) {
            let [down, up, nearest, up_to_max] =
                all_ways(cases_of(case_units), units, net_units, max_units);
            for rounded in [down, up, nearest, up_to_max] {
                prop_assert_eq!(rounded % case_units, 0);
                prop_assert!((rounded - units).abs() < case_units);
            }
            prop_assert!(down <= units && units <= up);
            prop_assert!((nearest - units).abs() * 2 <= case_units);
        }

        #[test]
        fn rounding_up_to_the_maximum_never_passes_it_unless_rounding_down_does(
            case_units in 1..500_i64,
            units in 0..100_000_i64,
            net_units in 0..100_000_i64,
            max_units in 0..200_000_i64,
        ) {
            let [down, _, _, up_to_max] =
                all_ways(cases_of(case_units), units, net_units, max_units);
            prop_assert!(net_units + up_to_max <= max_units || up_to_max == down);
        }

        #[test]
        fn more_units_never_round_to_less(
            case_units in 1..500_i64,
            units in 0..100_000_i64,
            more in 0..1_000_i64,
        ) {
            let shelf = Shelf { net_units: 0, max_units: i64::MAX };
            for rounding in ALL {
                let pack = cases_of(case_units);
                prop_assert!(
                    pack.round(units, rounding, shelf) <= pack.round(units + more, rounding, shelf)
                );
            }
        }
    }
}
