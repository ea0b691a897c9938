//! Division as the rules mean it: towards minus infinity or plus infinity, never towards zero.
//!
//! Lua, SQL and the browser divide in different ways; the rules name floor and ceiling so that
//! all of them agree. Products are formed in `i128`, so that no input can overflow on the way,
//! and a result that no `i64` can hold stays at the end of the range instead of wrapping round.

/// Basis points in a whole.
pub const BP: i64 = 10_000;

/// `a × b // c`, and none where `c` is not positive: every divisor of the rules is a count or a
/// rate, so a divisor of zero means that there is nothing to divide by.
pub fn mul_floor_div(a: i64, b: i64, c: i64) -> Option<i64> {
    (c > 0).then(|| narrow((i128::from(a) * i128::from(b)).div_euclid(i128::from(c))))
}

/// `⌈a × b / c⌉`, and none where `c` is not positive.
pub fn mul_ceil_div(a: i64, b: i64, c: i64) -> Option<i64> {
    (c > 0).then(|| narrow(-(-(i128::from(a) * i128::from(b))).div_euclid(i128::from(c))))
}

fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floor_and_ceiling_differ_from_truncation_below_zero() {
        assert_eq!(mul_floor_div(-7, 1, 2), Some(-4));
        assert_eq!(mul_ceil_div(-7, 1, 2), Some(-3));
        assert_eq!(mul_floor_div(7, 1, 2), Some(3));
        assert_eq!(mul_ceil_div(7, 1, 2), Some(4));
    }

    #[test]
    fn nothing_is_divided_by_zero_or_less() {
        assert_eq!(mul_floor_div(1, 1, 0), None);
        assert_eq!(mul_ceil_div(1, 1, -3), None);
    }

    #[test]
    fn a_figure_beyond_the_range_stays_at_its_end() {
        assert_eq!(mul_floor_div(i64::MAX, i64::MAX, 1), Some(i64::MAX));
        assert_eq!(mul_floor_div(i64::MIN, i64::MAX, 1), Some(i64::MIN));
        assert_eq!(mul_ceil_div(i64::MAX, 10, 10), Some(i64::MAX));
    }
}
