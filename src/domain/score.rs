//! How urgent a store's need is, in basis points, from five parts that are all shown to the store.

use serde::{Deserialize, Serialize};

use super::{
    arithmetic::{BP, mul_floor_div},
    need::Need,
};

/// What one reliability point costs, in basis points.
const POINT_BP: i64 = 500;

/// The need of one store for one article, and where the store stands among the invited ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreInput {
    pub need: Need,
    /// Invited stores that sell less of the article a day.
    pub stores_with_lower_ads: i64,
    pub invited_stores: i64,
    /// Filled part of the need over the last eight rounds of the article's group, whole chain.
    pub chain_fill_bp: i64,
    /// The same for this store.
    pub store_fill_bp: i64,
    /// Live reliability points.
    pub points: i64,
}

/// How much each part weighs. The policy of a round states them before it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreWeights {
    pub shortage: i64,
    pub urgency: i64,
    pub velocity: i64,
    pub debt: i64,
    pub reliability: i64,
}

impl Default for ScoreWeights {
    fn default() -> Self {
        Self { shortage: 40, urgency: 25, velocity: 10, debt: 20, reliability: 5 }
    }
}

/// The score and its parts, each from 0 to 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Missing part of the target.
    pub shortage_bp: i64,
    /// Missing part of the cover, in days.
    pub urgency_bp: i64,
    /// Part of the invited stores that sell less.
    pub velocity_bp: i64,
    /// What the store got less than the chain in the last rounds.
    pub debt_bp: i64,
    /// What its reliability points left.
    pub reliability_bp: i64,
    pub score_bp: i64,
}

impl Score {
    pub fn of(input: &ScoreInput, weights: &ScoreWeights) -> Self {
        let need = &input.need;
        let cover_milli = need.cover_days.saturating_mul(1000);
        let shortage_bp = share_bp(need.need_units, need.target_units);
        let urgency_bp =
            need.dos_milli.map_or(0, |dos_milli| share_bp(cover_milli.saturating_sub(dos_milli), cover_milli));
        let velocity_bp = share_bp(input.stores_with_lower_ads, input.invited_stores.saturating_sub(1).max(1));
        let debt_bp = share_bp(input.chain_fill_bp.saturating_sub(input.store_fill_bp), input.chain_fill_bp);
        let reliability_bp = (BP - input.points.max(0).saturating_mul(POINT_BP)).max(0);
        let weighted = [
            (weights.shortage, shortage_bp),
            (weights.urgency, urgency_bp),
            (weights.velocity, velocity_bp),
            (weights.debt, debt_bp),
            (weights.reliability, reliability_bp),
        ];
        Self { shortage_bp, urgency_bp, velocity_bp, debt_bp, reliability_bp, score_bp: weighted_mean(weighted) }
    }
}

/// `10000 × part // whole`, kept from 0 to 10,000: a shelf in debt (net below zero) is as short
/// as an empty one. Nothing of nothing is 0.
fn share_bp(part: i64, whole: i64) -> i64 {
    mul_floor_div(BP, part, whole).map_or(0, |bp| bp.clamp(0, BP))
}

fn weighted_mean(parts: [(i64, i64); 5]) -> i64 {
    let weights: i64 = parts.iter().fold(0, |sum, (weight, _)| sum.saturating_add(*weight));
    let total: i64 = parts.iter().fold(0, |sum, (weight, bp)| sum.saturating_add(weight.saturating_mul(*bp)));
    mul_floor_div(total, 1, weights).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::need::NeedInput;

    fn store(on_hand: i64, sales_units: i64, presentation_units: i64, max_units: i64) -> NeedInput {
        NeedInput {
            on_hand,
            in_transit: 0,
            granted_not_shipped: 0,
            sales_units,
            days: 28,
            stockout_days: 0,
            lead_days: 2,
            review_days: 3,
            safety_days: 2,
            presentation_units,
            max_units,
        }
    }

    /// 101 invited stores make one store worth exactly 100 basis points of velocity.
    fn among_101(need: NeedInput, stores_with_lower_ads: i64, points: i64) -> ScoreInput {
        ScoreInput {
            need: Need::of(&need),
            stores_with_lower_ads,
            invited_stores: 101,
            chain_fill_bp: 0,
            store_fill_bp: 0,
            points,
        }
    }

    fn parts(score: &Score) -> [i64; 5] {
        [score.shortage_bp, score.urgency_bp, score.velocity_bp, score.debt_bp, score.reliability_bp]
    }

    #[test]
    fn vector_a_scores_2956() {
        let need = NeedInput { in_transit: 12, stockout_days: 3, ..store(6, 84, 12, 60) };
        let input = ScoreInput { chain_fill_bp: 6000, store_fill_bp: 5100, ..among_101(need, 62, 2) };
        let score = Score::of(&input, &ScoreWeights::default());
        assert_eq!(parts(&score), [2500, 2347, 6200, 1500, 9000]);
        assert_eq!(score.score_bp, 2956);
    }

    #[test]
    fn vector_b_scores_7180() {
        let input = among_101(store(0, 20, 6, 24), 18, 0);
        let score = Score::of(&input, &ScoreWeights::default());
        assert_eq!(parts(&score), [10_000, 10_000, 1800, 0, 10_000]);
        assert_eq!(score.score_bp, 7180);
    }

    #[test]
    fn vector_c_scores_1235() {
        let need = NeedInput { granted_not_shipped: 24, ..store(40, 140, 24, 120) };
        let input = among_101(need, 91, 7);
        let score = Score::of(&input, &ScoreWeights::default());
        assert_eq!(parts(&score), [0, 0, 9100, 0, 6500]);
        assert_eq!(score.score_bp, 1235);
    }

    #[test]
    fn vector_d_scores_2500() {
        let input = among_101(store(3, 0, 6, 24), 0, 0);
        let score = Score::of(&input, &ScoreWeights::default());
        assert_eq!(parts(&score), [5000, 0, 0, 0, 10_000]);
        assert_eq!(score.score_bp, 2500);
    }

    #[test]
    fn a_store_alone_in_a_round_has_a_score() {
        let input = ScoreInput { invited_stores: 1, ..among_101(store(0, 20, 6, 24), 0, 0) };
        assert_eq!(Score::of(&input, &ScoreWeights::default()).velocity_bp, 0);
    }

    #[test]
    fn weights_of_zero_give_a_score_of_zero() {
        let none = ScoreWeights { shortage: 0, urgency: 0, velocity: 0, debt: 0, reliability: 0 };
        let input = among_101(store(0, 20, 6, 24), 18, 0);
        assert_eq!(Score::of(&input, &none).score_bp, 0);
    }

    proptest! {
        #[test]
        fn a_score_and_its_parts_stay_between_nothing_and_the_whole(
            on_hand in -1_000..1_000_i64,
            sales in 0..1_000_i64,
            lower in 0..300_i64,
            fills in (0..=10_000_i64, 0..=10_000_i64),
            points in 0..100_i64,
        ) {
            let input = ScoreInput {
                invited_stores: 300,
                chain_fill_bp: fills.0,
                store_fill_bp: fills.1,
                ..among_101(store(on_hand, sales, 6, 60), lower, points)
            };
            let score = Score::of(&input, &ScoreWeights::default());
            for bp in parts(&score).into_iter().chain([score.score_bp]) {
                prop_assert!((0..=BP).contains(&bp));
            }
        }

        #[test]
        fn less_stock_never_lowers_the_score(on_hand in 0..200_i64, sales in 0..1_000_i64) {
            let score = |on_hand| {
                let input = among_101(store(on_hand, sales, 6, 60), 50, 0);
                Score::of(&input, &ScoreWeights::default()).score_bp
            };
            prop_assert!(score(on_hand) >= score(on_hand + 1));
        }
    }
}
