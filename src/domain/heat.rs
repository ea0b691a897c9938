//! When a round is hot: what it offers is worth much, or far more is needed than offered (R14). A hot round is published
//! by two people.

use serde::{Deserialize, Serialize};

/// Above these a round is hot; 0 asks nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    pub value_cents: i64,
    pub scarcity_percent: i64,
}

/// What a round is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heat {
    /// Σ (pledged − holdback) × price: the round's, or the list price where that is higher, so that no draft cools itself.
    pub value_cents: i64,
    /// Σ need over the invited stores ÷ offered, rounded down.
    pub scarcity_percent: i64,
}

/// One offer line's part of it.
#[derive(Clone, Copy, Debug)]
pub struct LineHeat {
    pub offered_units: i64,
    pub price_cents: i64,
    pub need_units: i64,
}

/// A threshold that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    Value,
    Scarcity,
}

impl Over {
    /// As it stands in the books.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Scarcity => "scarcity",
        }
    }
}

impl Heat {
    pub fn of(lines: impl IntoIterator<Item = LineHeat>) -> Self {
        let (mut value_cents, mut need_units, mut offered_units) = (0_i64, 0_i64, 0_i64);
        for line in lines {
            value_cents = value_cents.saturating_add(line.offered_units.saturating_mul(line.price_cents));
            need_units = need_units.saturating_add(line.need_units);
            offered_units = offered_units.saturating_add(line.offered_units);
        }
        // A round offers something on each line, or it could not be drafted.
        let scarcity_percent = need_units.saturating_mul(100).checked_div(offered_units).unwrap_or(0);
        Self { value_cents, scarcity_percent }
    }
}

impl Thresholds {
    /// Which of them the round passes; none, and one person publishes it.
    pub fn passed_by(self, heat: Heat) -> Vec<Over> {
        let judged = [
            (Over::Value, self.value_cents, heat.value_cents),
            (Over::Scarcity, self.scarcity_percent, heat.scarcity_percent),
        ];
        judged.into_iter().filter(|(_, limit, figure)| *limit > 0 && figure > limit).map(|(over, ..)| over).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_and_scarcity_are_summed_over_the_lines() {
        let line = |offered_units, price_cents, need_units| LineHeat { offered_units, price_cents, need_units };
        let heat = Heat::of([line(240, 150, 558), line(60, 2_000, 0)]);
        assert_eq!(heat, Heat { value_cents: 156_000, scarcity_percent: 186 });
        let most = Heat::of([line(i64::MAX, i64::MAX, i64::MAX), line(1, 1, 1)]);
        assert_eq!((most.value_cents, most.scarcity_percent), (i64::MAX, 1));
        assert_eq!(Heat::of([]).scarcity_percent, 0);
    }

    #[test]
    fn a_threshold_is_passed_above_it_and_zero_asks_nothing() {
        let heat = Heat { value_cents: 1_000, scarcity_percent: 200 };
        let passed = |value_cents, scarcity_percent| Thresholds { value_cents, scarcity_percent }.passed_by(heat);
        assert_eq!(passed(0, 0), []);
        assert_eq!(passed(1_000, 200), []);
        assert_eq!(passed(999, 200), [Over::Value]);
        assert_eq!(passed(1_000, 199), [Over::Scarcity]);
        assert_eq!(passed(1, 1), [Over::Value, Over::Scarcity]);
    }
}
