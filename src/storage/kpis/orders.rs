//! From the win to the shelf: how long it takes, and whether it is what was promised.

use super::{
    Kpi,
    Reader::{self, Store, Warehouse},
    Unit,
    scope::scoped,
};

const SHELF: &[Reader] = &[Store, Warehouse];

pub(super) const KPIS: &[Kpi] = &[
    Kpi {
        name: "cycle_times",
        zh: "周期",
        formula: "p50 and p95 of win → order, order → dispatch, dispatch → receipt (there is no release step between order and dispatch yet)",
        unit: Unit::Ms,
        source: "claims, orders, shipments",
        readers: SHELF,
        of_a_round: true,
        sql: scoped!(
            ", spans as (
               select v.name, floor(extract(epoch from v.span) * 1000)::bigint as ms
                 from orders o
                 join scoped_rounds r on r.id = o.round_id
                 join scoped_stores s on s.id = o.store_id
                 join claims c on c.round_id = o.round_id and c.claim_id = o.claim_id
                 join shipments h on h.order_id = o.id
                cross join lateral (values ('win_to_order', o.ordered_at - c.decided_at),
                                           ('order_to_dispatch', h.dispatched_at - o.ordered_at),
                                           ('dispatch_to_receipt', h.received_at - h.dispatched_at)) as v (name, span)
                where v.span is not null
             )
             select s.name || p.name as key, percentile_disc(p.at) within group (order by s.ms) as part, 1::bigint as whole
               from spans s
              cross join (values ('.p50', 0.5::float8), ('.p95', 0.95::float8)) as p (name, at)
              group by s.name, p.name, p.at
              order by key"
        ),
    },
    Kpi {
        name: "on_time_rate",
        zh: "准时率",
        formula: "shipments received on or before the promised date ÷ shipments due in the period; by the chain's calendar, cancelled ones left out",
        unit: Unit::Ratio,
        source: "orders, shipments",
        readers: SHELF,
        of_a_round: true,
        sql: scoped!("select '' as key, count(*) filter (where on_time) as part, count(*) as whole from due"),
    },
    Kpi {
        name: "in_full_rate",
        zh: "足量率",
        formula: "order lines received as ordered ÷ order lines due in the period",
        unit: Unit::Ratio,
        source: "order_lines",
        readers: SHELF,
        of_a_round: true,
        sql: scoped!(
            "select '' as key, count(*) filter (where l.received = l.ordered) as part, count(*) as whole
               from due d
               join order_lines l on l.order_id = d.id"
        ),
    },
    Kpi {
        name: "otif",
        zh: "准时足量率",
        formula: "order lines received as ordered and on time ÷ order lines due in the period",
        unit: Unit::Ratio,
        source: "orders, order_lines, shipments",
        readers: SHELF,
        of_a_round: true,
        sql: scoped!(
            "select '' as key, count(*) filter (where d.on_time and l.received = l.ordered) as part, count(*) as whole
               from due d
               join order_lines l on l.order_id = d.id"
        ),
    },
    Kpi {
        name: "discrepancy_rate",
        zh: "差异率",
        formula: "receipt lines with a difference ÷ receipt lines, by the time of receipt",
        unit: Unit::Ratio,
        source: "receipt_lines",
        readers: SHELF,
        of_a_round: true,
        sql: scoped!(
            "select '' as key, count(*) filter (where l.reason is not null) as part, count(*) as whole
               from receipts t
               join receipt_lines l on l.receipt_id = t.id
               join shipments h on h.id = t.shipment_id
               join orders o on o.id = h.order_id
               join scoped_stores s on s.id = h.store_id
              where t.received_at >= $1
                and t.received_at < $2
                and ($5::uuid is null or o.round_id = $5)"
        ),
    },
];
