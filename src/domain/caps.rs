//! The most a store may still claim of one offer line, and which limit says so.
//!
//! What a store asks for plays no part here, so asking for more earns nothing.

use serde::{Deserialize, Serialize};

use super::{
    arithmetic::mul_floor_div,
    pack::{Pack, Rounding, Shelf},
};

/// Which limit was the tightest. The order is the order in which a claim is checked (E10 to E13,
/// then E17): of equally tight limits the first one is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CapKind {
    /// The store's own need, rounded to packs; E10.
    Need,
    /// The round's cap for this line; E10.
    Line,
    /// E11.
    Round,
    /// E12.
    Day,
    /// E12.
    Period,
    /// E13.
    Credit,
    /// E17.
    Dock,
}

/// Everything that limits one store on one line. A limit that is absent does not limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapInput {
    /// Need as the invitation froze it; what was won since stands in `taken_line_units`.
    pub need_units: i64,
    /// Part of the need that may be claimed, in percent.
    pub factor_percent: i64,
    /// What a store without need may claim; 0 unless the policy says otherwise.
    pub cap_no_need_units: i64,
    pub pack: Pack,
    pub shelf: Shelf,
    /// Units the store already won on this line; they count against need and line cap.
    pub taken_line_units: i64,
    pub cap_line_units: Option<i64>,
    pub round_left_units: Option<i64>,
    pub day_left_units: Option<i64>,
    pub period_left_units: Option<i64>,
    pub credit_left_cents: Option<i64>,
    pub price_cents: i64,
    pub dock_left_units: Option<i64>,
}

/// The cap in units, a whole number of packs, and the limit it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    pub units: i64,
    pub binding: CapKind,
}

impl Cap {
    pub fn of(input: &CapInput) -> Self {
        let after_taken = |units: i64| units.saturating_sub(input.taken_line_units);
        let need = (after_taken(needed(input)), CapKind::Need);
        let others = [
            (input.cap_line_units.map(after_taken), CapKind::Line),
            (input.round_left_units, CapKind::Round),
            (input.day_left_units, CapKind::Day),
            (input.period_left_units, CapKind::Period),
            (affordable(input), CapKind::Credit),
            (input.dock_left_units, CapKind::Dock),
        ];
        let (units, binding) = others.into_iter().filter_map(|(units, kind)| units.map(|units| (units, kind))).fold(
            need,
            |tightest, limit| {
                if limit.0 < tightest.0 { limit } else { tightest }
            },
        );
        Self { units: input.pack.floor(units), binding }
    }
}

/// The part of the need that may be claimed, in whole packs.
fn needed(input: &CapInput) -> i64 {
    if input.need_units <= 0 {
        return input.cap_no_need_units;
    }
    let units = mul_floor_div(input.need_units, input.factor_percent, 100).unwrap_or(0);
    input.pack.round(units, Rounding::UpToMax, input.shelf)
}

/// What the credit pays for. A price of nothing asks for no credit.
fn affordable(input: &CapInput) -> Option<i64> {
    input.credit_left_cents.and_then(|cents| mul_floor_div(cents, 1, input.price_cents))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A store that needs 30 units in cases of 12 and is limited by nothing else.
    const OPEN: CapInput = CapInput {
        need_units: 30,
        factor_percent: 100,
        cap_no_need_units: 0,
        pack: Pack { case_units: 12, inner_units: None, broken_case_ok: false },
        shelf: Shelf { net_units: 6, max_units: 60 },
        taken_line_units: 0,
        cap_line_units: None,
        round_left_units: None,
        day_left_units: None,
        period_left_units: None,
        credit_left_cents: None,
        price_cents: 1_000,
        dock_left_units: None,
    };

    fn cap(units: i64, binding: CapKind) -> Cap {
        Cap { units, binding }
    }

    #[test]
    fn the_need_rounded_to_cases_is_the_cap_where_nothing_else_limits() {
        assert_eq!(Cap::of(&OPEN), cap(36, CapKind::Need));
    }

    #[test]
    fn each_limit_binds_when_it_is_the_tightest() {
        let limited = [
            (CapInput { cap_line_units: Some(24), ..OPEN }, CapKind::Line),
            (CapInput { round_left_units: Some(24), ..OPEN }, CapKind::Round),
            (CapInput { day_left_units: Some(24), ..OPEN }, CapKind::Day),
            (CapInput { period_left_units: Some(24), ..OPEN }, CapKind::Period),
            (CapInput { credit_left_cents: Some(24_999), ..OPEN }, CapKind::Credit),
            (CapInput { dock_left_units: Some(24), ..OPEN }, CapKind::Dock),
        ];
        for (input, binding) in limited {
            assert_eq!(Cap::of(&input), cap(24, binding));
        }
    }

    #[test]
    fn a_limit_inside_a_case_is_floored_to_whole_cases() {
        let input = CapInput { dock_left_units: Some(35), ..OPEN };
        assert_eq!(Cap::of(&input), cap(24, CapKind::Dock));
    }

    #[test]
    fn of_equal_limits_the_one_checked_first_is_named() {
        let input = CapInput {
            cap_line_units: Some(36),
            round_left_units: Some(12),
            day_left_units: Some(12),
            dock_left_units: Some(12),
            ..OPEN
        };
        assert_eq!(Cap::of(&input), cap(12, CapKind::Round));
    }

    #[test]
    fn what_was_already_won_on_the_line_is_taken_off() {
        let input = CapInput { taken_line_units: 24, ..OPEN };
        assert_eq!(Cap::of(&input), cap(12, CapKind::Need));
    }

    #[test]
    fn a_store_without_need_gets_only_what_the_policy_gives_such_stores() {
        let none = CapInput { need_units: 0, ..OPEN };
        assert_eq!(Cap::of(&none), cap(0, CapKind::Need));
        let fixed = CapInput { cap_no_need_units: 12, ..none };
        assert_eq!(Cap::of(&fixed), cap(12, CapKind::Need));
    }

    #[test]
    fn half_of_the_need_may_be_offered() {
        let input = CapInput { factor_percent: 50, ..OPEN };
        assert_eq!(Cap::of(&input), cap(24, CapKind::Need));
    }

    #[test]
    fn overdrawn_limits_leave_nothing_rather_than_less() {
        let input = CapInput { credit_left_cents: Some(-5), day_left_units: Some(-40), ..OPEN };
        assert_eq!(Cap::of(&input), cap(0, CapKind::Day));
    }

    /// What a claim gets: no more than it asks for, no more than the cap, in whole packs.
    fn granted(asked: i64, input: &CapInput) -> i64 {
        input.pack.floor(asked.min(Cap::of(input).units))
    }

    prop_compose! {
        fn any_input()(
            need_units in 0..10_000_i64,
            factor_percent in 0..300_i64,
            case_units in 1..60_i64,
            broken_case_ok: bool,
            shelf in (0..5_000_i64, 0..20_000_i64),
            taken_line_units in 0..500_i64,
            limits in proptest::array::uniform6(proptest::option::of(-100..10_000_i64)),
        ) -> CapInput {
            let [line, round, day, period, credit, dock] = limits;
            CapInput {
                need_units,
                factor_percent,
                cap_no_need_units: 0,
                pack: Pack { case_units, inner_units: Some(1), broken_case_ok },
                shelf: Shelf { net_units: shelf.0, max_units: shelf.1 },
                taken_line_units,
                cap_line_units: line,
                round_left_units: round,
                day_left_units: day,
                period_left_units: period,
                credit_left_cents: credit.map(|units| units * 1_000),
                price_cents: 1_000,
                dock_left_units: dock,
            }
        }
    }

    proptest! {
        #[test]
        fn a_cap_is_never_negative_and_never_above_any_limit(input in any_input()) {
            let units = Cap::of(&input).units;
            prop_assert!(units >= 0);
            let limits = [
                input.cap_line_units.map(|cap| cap - input.taken_line_units),
                input.round_left_units,
                input.day_left_units,
                input.period_left_units,
                input.credit_left_cents.map(|cents| cents.div_euclid(input.price_cents)),
                input.dock_left_units,
            ];
            for limit in limits.into_iter().flatten() {
                prop_assert!(units <= limit.max(0));
            }
        }

        #[test]
        fn doubling_an_ask_changes_nothing_once_it_reaches_the_cap(
            input in any_input(),
            over in 0..10_000_i64,
        ) {
            let asked = Cap::of(&input).units + over;
            prop_assert_eq!(granted(asked * 2, &input), granted(asked, &input));
        }

        #[test]
        fn a_looser_limit_never_lowers_the_cap(input in any_input(), more in 0..1_000_i64) {
            let looser = CapInput {
                day_left_units: input.day_left_units.map(|units| units + more),
                dock_left_units: input.dock_left_units.map(|units| units + more),
                credit_left_cents: input.credit_left_cents.map(|cents| cents + more * 1_000),
                ..input
            };
            prop_assert!(Cap::of(&looser).units >= Cap::of(&input).units);
        }

        #[test]
        fn more_need_never_lowers_the_cap(input in any_input(), more in 0..1_000_i64) {
            let needier = CapInput { need_units: input.need_units + more, ..input };
            // A fuller shelf rounds down where an emptier one rounds up, so the shelf stays as it is.
            prop_assert!(Cap::of(&needier).units >= Cap::of(&input).units);
        }
    }
}
