//! How evenly what there was went to those who came. Shares are whole millionths, sums exact.

use super::{Kpi, Unit, scope::scoped};

/// `x = min(1, granted ÷ need)` of every store with need that entered, in millionths, with its place from the lowest.
macro_rules! shares {
    () => {
        ", shares as (
           select n.round_id, n.store_id,
                  least(1000000, 1000000 * coalesce(g.units, 0) / n.units) as x
             from (select round_id, store_id, sum(units)::bigint as units
                     from needed
                    group by round_id, store_id) n
             left join (select round_id, store_id, sum(units)::bigint as units
                          from granted
                         group by round_id, store_id) g using (round_id, store_id)
            where n.units > 0
              and exists (select from accepted a where a.round_id = n.round_id and a.store_id = n.store_id)
         ), ranked as (
           select x, row_number() over (order by x) as i
             from shares
         ) "
    };
}

pub(super) const KPIS: &[Kpi] = &[
    Kpi {
        name: "jain",
        zh: "Jain 公平指数",
        formula: "(Σx)² ÷ (n Σx²) with x = min(1, granted ÷ need) of every store of a round that needed something and entered; in millionths; none while nobody got anything",
        unit: Unit::Ratio,
        source: "claims, invitation_lines, order_lines",
        readers: &[],
        of_a_round: true,
        sql: scoped!(
            shares!(),
            "select '' as key,
                    floor(1000000 * sum(x) * sum(x) / nullif(count(*) * sum(x * x), 0))::bigint as part,
                    1000000::bigint as whole
               from ranked"
        ),
    },
    Kpi {
        name: "gini",
        zh: "基尼系数",
        formula: "2 Σ i·x_i ÷ (n Σx) − (n + 1)/n on the same x, lowest first; in millionths; none while nobody got anything",
        unit: Unit::Ratio,
        source: "claims, invitation_lines, order_lines",
        readers: &[],
        of_a_round: true,
        sql: scoped!(
            shares!(),
            "select '' as key,
                    floor(1000000 * (2 * sum(i * x) - (count(*) + 1) * sum(x)) / nullif(count(*) * sum(x), 0))::bigint
                      as part,
                    1000000::bigint as whole
               from ranked"
        ),
    },
];
