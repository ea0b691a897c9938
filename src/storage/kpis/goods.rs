//! Where the goods went, against what was needed and what was offered.

use super::{
    Kpi,
    Reader::{Finance, Store, Warehouse},
    Unit,
    scope::scoped,
};

pub(super) const KPIS: &[Kpi] = &[
    Kpi {
        name: "fill_rate",
        zh: "满足率",
        formula: "Σ min(granted, need) ÷ Σ need over invited stores, by SKU; need as frozen at publish, granted less what was given back",
        unit: Unit::Ratio,
        source: "invitation_lines, order_lines",
        readers: &[Store],
        of_a_round: true,
        sql: scoped!(
            "select '' as key,
                    coalesce(sum(least(coalesce(g.units, 0), n.units)), 0)::bigint as part,
                    coalesce(sum(n.units), 0)::bigint as whole
               from needed n
               left join granted g using (round_id, store_id, sku_id)"
        ),
    },
    Kpi {
        name: "order_fill_rate",
        zh: "订单满足率",
        formula: "Σ units shipped ÷ Σ units ordered, of orders that were not cancelled",
        unit: Unit::Ratio,
        source: "order_lines",
        readers: &[Store, Warehouse],
        of_a_round: true,
        sql: scoped!(
            "select '' as key,
                    coalesce(sum(l.shipped), 0)::bigint as part,
                    coalesce(sum(l.ordered), 0)::bigint as whole
               from orders o
               join scoped_rounds r on r.id = o.round_id
               join scoped_stores s on s.id = o.store_id
               join order_lines l on l.order_id = o.id
              where o.state <> 'CANCELLED'"
        ),
    },
    Kpi {
        name: "over_allocation",
        zh: "超配率",
        formula: "Σ max(0, granted − need) ÷ Σ granted, by round, store and SKU",
        unit: Unit::Ratio,
        source: "invitation_lines, order_lines",
        readers: &[],
        of_a_round: true,
        sql: scoped!(
            "select '' as key,
                    coalesce(sum(greatest(0, g.units - coalesce(n.units, 0))), 0)::bigint as part,
                    coalesce(sum(g.units), 0)::bigint as whole
               from granted g
               left join needed n using (round_id, store_id, sku_id)"
        ),
    },
    Kpi {
        name: "sell_through",
        zh: "售罄率",
        formula: "Σ units won ÷ Σ units offered, of lines of closed rounds; whole rounds, whatever the region",
        unit: Unit::Ratio,
        source: "offer_lines, order_lines",
        readers: &[],
        of_a_round: true,
        sql: scoped!(
            "select '' as key,
                    coalesce(sum((select sum(l.ordered) from order_lines l where l.line_id = f.id)), 0)::bigint as part,
                    coalesce(sum(f.pledged - f.holdback), 0)::bigint as whole
               from offer_lines f
               join scoped_rounds r on r.id = f.round_id
              where r.closed_at is not null"
        ),
    },
    Kpi {
        name: "time_to_sell_out",
        zh: "售罄时间",
        formula: "median over lines of (the decision that took the last unit − opens_at as planned), pauses included; t50 and t90: half, nine tenths of the offer; lines that never got there do not count; whole rounds, whatever the region",
        unit: Unit::Ms,
        source: "claims, order_lines, offer_lines",
        readers: &[],
        of_a_round: true,
        sql: scoped!(
            ", taken as (
               select f.id as line_id, f.pledged - f.holdback as offered,
                      floor(extract(epoch from c.decided_at - r.opens_at) * 1000)::bigint as ms,
                      sum(l.ordered) over (partition by f.id order by c.chain_n) as so_far
                 from offer_lines f
                 join scoped_rounds r on r.id = f.round_id
                 join order_lines l on l.line_id = f.id
                 join orders o on o.id = l.order_id
                 join claims c on c.round_id = o.round_id and c.claim_id = o.claim_id
             ), reached as (
               select line_id,
                      min(ms) filter (where so_far * 2 >= offered)       as t50,
                      min(ms) filter (where so_far * 10 >= offered * 9)  as t90,
                      min(ms) filter (where so_far >= offered)           as sell_out
                 from taken
                group by line_id
             )
             select m.key, percentile_disc(0.5) within group (order by m.ms) as part, 1::bigint as whole
               from reached
              cross join lateral (values ('t50', t50), ('t90', t90), ('sell_out', sell_out)) as m (key, ms)
              group by m.key
              order by m.key"
        ),
    },
    Kpi {
        name: "days_of_supply",
        zh: "可销天数",
        formula: "median of net position ÷ average daily sales (R1) over listed pairs that sell anything, as of the newest computation of need; no period",
        unit: Unit::MilliDays,
        source: "needs",
        readers: &[Store],
        of_a_round: false,
        sql: scoped!(
            "select '' as key, percentile_disc(0.5) within group (order by n.dos_milli) as part, 1::bigint as whole
               from needs n
               join scoped_stores s on s.id = n.store_id
              where n.run_no = (select max(run_no) from need_runs where state = 'DONE')
                and n.dos_milli is not null"
        ),
    },
    Kpi {
        name: "aov",
        zh: "客单价",
        formula: "Σ order value ÷ orders that were not cancelled",
        unit: Unit::Cents,
        source: "orders",
        readers: &[Store, Finance],
        of_a_round: true,
        sql: scoped!(
            "select '' as key, coalesce(sum(o.total_cents), 0)::bigint as part, count(*) as whole
               from orders o
               join scoped_rounds r on r.id = o.round_id
               join scoped_stores s on s.id = o.store_id
              where o.state <> 'CANCELLED'"
        ),
    },
    Kpi {
        name: "reconciliation_difference",
        zh: "对账差异",
        formula: "sum of the differences, without sign, of won by claims and ordered (by round), of granted and ordered less given back (by line), of offered and granted + returned (by line of closed rounds); must be 0; whole rounds, whatever the region",
        unit: Unit::Units,
        source: "claims, offer_lines, order_lines",
        readers: &[Finance],
        of_a_round: true,
        sql: scoped!(
            ", kept as (
               select f.id, f.round_id, f.granted, f.returned, f.pledged - f.holdback as offered, r.state,
                      coalesce(sum(l.ordered), 0) as ordered,
                      coalesce(sum(l.ordered - l.cancelled) filter (where o.state <> 'CANCELLED'), 0) as kept
                 from offer_lines f
                 join scoped_rounds r on r.id = f.round_id
                 left join order_lines l on l.line_id = f.id
                 left join orders o on o.id = l.order_id
                group by f.id, r.state
             ), rounds_off as (
               select abs(coalesce((select sum(c.granted - c.revoked) from claims c where c.round_id = k.round_id), 0)
                          - sum(k.ordered)) as units
                 from kept k
                group by k.round_id
             )
             select '' as key,
                    (coalesce((select sum(units) from rounds_off), 0)
                     + coalesce((select sum(abs(granted - kept)) from kept), 0)
                     + coalesce((select sum(abs(offered - granted - returned))
                                   from kept
                                  where state in ('CLOSED', 'ARCHIVED')), 0))::bigint as part,
                    1::bigint as whole"
        ),
    },
];
