//! How much of an article a store needs, computed by the system and never taken from what the
//! store asks for: a need that grows with the ask would reward asking for more.

use serde::{Deserialize, Serialize};

use super::arithmetic::{mul_ceil_div, mul_floor_div};

/// A store that was out of stock for most of the window would otherwise look as if it sold its
/// few units in no time; a week is the least that counts as a window.
const DAYS_MIN: i64 = 7;

/// What is known of one article in one store on the last day with sales data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedInput {
    /// Units in the store; below zero where the books run behind the shelf.
    pub on_hand: i64,
    /// Units dispatched to the store and not yet received.
    pub in_transit: i64,
    /// Units won or ordered and not yet dispatched.
    pub granted_not_shipped: i64,
    /// Units sold in the window, returns netted.
    pub sales_units: i64,
    /// Length of the window.
    pub days: i64,
    /// Days of the window on which the shelf was empty.
    pub stockout_days: i64,
    /// Days from order to shelf.
    pub lead_days: i64,
    /// Days until the store is looked at again.
    pub review_days: i64,
    /// Days of sales kept against surprises.
    pub safety_days: i64,
    /// Least units that make the shelf look presentable.
    pub presentation_units: i64,
    /// Most units the shelf and back room may hold.
    pub max_units: i64,
}

/// The need with every figure it came from, so that the store can be shown the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Average daily sales in thousandths of a unit.
    pub ads_milli: i64,
    pub cover_days: i64,
    pub target_units: i64,
    /// On hand, in transit and granted.
    pub net_units: i64,
    pub need_units: i64,
    /// How long the net position lasts, in thousandths of a day; none if nothing is sold.
    pub dos_milli: Option<i64>,
}

impl Need {
    /// Average daily sales in thousandths of a unit.
    pub fn ads_milli(sales_units: i64, days: i64, stockout_days: i64) -> i64 {
        let window_days = days.saturating_sub(stockout_days).max(DAYS_MIN);
        // More returns than sales is a shelf that sells nothing, not one that sells backwards.
        mul_floor_div(1000, sales_units.max(0), window_days).unwrap_or(0)
    }

    pub fn of(input: &NeedInput) -> Self {
        let ads_milli = Self::ads_milli(input.sales_units, input.days, input.stockout_days);
        let cover_days = input.lead_days.saturating_add(input.review_days).saturating_add(input.safety_days);
        let covered_units = mul_ceil_div(ads_milli, cover_days, 1000).unwrap_or(0);
        let target_units = input.presentation_units.max(covered_units).min(input.max_units);
        let net_units = input.on_hand.saturating_add(input.in_transit).saturating_add(input.granted_not_shipped);
        Self {
            ads_milli,
            cover_days,
            target_units,
            net_units,
            need_units: target_units.saturating_sub(net_units).max(0),
            dos_milli: mul_floor_div(1_000_000, net_units, ads_milli),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lead 2, review 3, safety 2, as in every golden vector.
    pub(crate) const WEEK_OF_COVER: NeedInput = NeedInput {
        on_hand: 0,
        in_transit: 0,
        granted_not_shipped: 0,
        sales_units: 0,
        days: 28,
        stockout_days: 0,
        lead_days: 2,
        review_days: 3,
        safety_days: 2,
        presentation_units: 6,
        max_units: 24,
    };

    #[test]
    fn vector_a_a_store_with_three_empty_days_needs_six() {
        let need = Need::of(&NeedInput {
            on_hand: 6,
            in_transit: 12,
            sales_units: 84,
            stockout_days: 3,
            presentation_units: 12,
            max_units: 60,
            ..WEEK_OF_COVER
        });
        let figures = Need {
            ads_milli: 3360,
            cover_days: 7,
            target_units: 24,
            net_units: 18,
            need_units: 6,
            dos_milli: Some(5357),
        };
        assert_eq!(need, figures);
    }

    #[test]
    fn vector_b_an_empty_shelf_needs_its_presentation_stock() {
        let need = Need::of(&NeedInput { sales_units: 20, ..WEEK_OF_COVER });
        let figures =
            Need { ads_milli: 714, cover_days: 7, target_units: 6, net_units: 0, need_units: 6, dos_milli: Some(0) };
        assert_eq!(need, figures);
    }

    #[test]
    fn vector_c_what_was_granted_counts_against_the_need() {
        let need = Need::of(&NeedInput {
            on_hand: 40,
            granted_not_shipped: 24,
            sales_units: 140,
            presentation_units: 24,
            max_units: 120,
            ..WEEK_OF_COVER
        });
        let figures = Need {
            ads_milli: 5000,
            cover_days: 7,
            target_units: 35,
            net_units: 64,
            need_units: 0,
            dos_milli: Some(12_800),
        };
        assert_eq!(need, figures);
    }

    #[test]
    fn vector_d_without_sales_the_shelf_is_filled_to_look_presentable() {
        let need = Need::of(&NeedInput { on_hand: 3, ..WEEK_OF_COVER });
        let figures =
            Need { ads_milli: 0, cover_days: 7, target_units: 6, net_units: 3, need_units: 3, dos_milli: None };
        assert_eq!(need, figures);
    }

    #[test]
    fn the_window_never_shrinks_below_a_week() {
        let empty_for_long = NeedInput { sales_units: 7, stockout_days: 27, ..WEEK_OF_COVER };
        assert_eq!(Need::of(&empty_for_long).ads_milli, 1000);
    }

    #[test]
    fn more_returns_than_sales_count_as_no_sales() {
        let returned = NeedInput { sales_units: -5, ..WEEK_OF_COVER };
        let need = Need::of(&returned);
        assert_eq!((need.ads_milli, need.dos_milli), (0, None));
    }

    #[test]
    fn absurd_figures_give_an_answer_instead_of_a_crash() {
        let absurd = NeedInput {
            on_hand: i64::MIN,
            in_transit: i64::MIN,
            granted_not_shipped: i64::MAX,
            sales_units: i64::MAX,
            days: i64::MIN,
            stockout_days: i64::MAX,
            lead_days: i64::MAX,
            review_days: i64::MAX,
            safety_days: i64::MAX,
            presentation_units: i64::MAX,
            max_units: i64::MAX,
        };
        assert!(Need::of(&absurd).need_units >= 0);
    }

    pub(crate) fn any_input() -> impl Strategy<Value = NeedInput> {
        let stock = (-1_000..1_000_000_i64, 0..100_000_i64, 0..100_000_i64);
        let sales = (-1_000..10_000_000_i64, 7..400_i64, 0..400_i64);
        let cover = (0..60_i64, 0..60_i64, 0..60_i64);
        let shelf = (0..10_000_i64, 0..1_000_000_i64);
        (stock, sales, cover, shelf).prop_map(|(stock, sales, cover, shelf)| NeedInput {
            on_hand: stock.0,
            in_transit: stock.1,
            granted_not_shipped: stock.2,
            sales_units: sales.0,
            days: sales.1,
            stockout_days: sales.2,
            lead_days: cover.0,
            review_days: cover.1,
            safety_days: cover.2,
            presentation_units: shelf.0,
            max_units: shelf.1,
        })
    }

    proptest! {
        #[test]
        fn a_need_is_never_negative_and_fills_to_the_target(input in any_input()) {
            let need = Need::of(&input);
            prop_assert!(need.need_units >= 0);
            prop_assert!(need.target_units <= input.max_units);
            if need.need_units > 0 {
                prop_assert_eq!(need.net_units + need.need_units, need.target_units);
            } else {
                prop_assert!(need.net_units >= need.target_units);
            }
        }

        #[test]
        fn more_stock_never_raises_the_need(input in any_input(), more in 0..10_000_i64) {
            let fuller = NeedInput { on_hand: input.on_hand + more, ..input };
            prop_assert!(Need::of(&fuller).need_units <= Need::of(&input).need_units);
        }

        #[test]
        fn more_sales_never_lower_the_need(input in any_input(), more in 0..10_000_i64) {
            let busier = NeedInput { sales_units: input.sales_units + more, ..input };
            prop_assert!(Need::of(&busier).need_units >= Need::of(&input).need_units);
        }

        #[test]
        fn stock_of_any_origin_counts_alike(input in any_input(), moved in 0..1_000_i64) {
            let moved_on = NeedInput {
                granted_not_shipped: input.granted_not_shipped + moved,
                on_hand: input.on_hand - moved,
                ..input
            };
            prop_assert_eq!(Need::of(&moved_on), Need::of(&input));
        }
    }
}
