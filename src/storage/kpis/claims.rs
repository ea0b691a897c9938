//! Who came and who won.

use super::{
    Kpi,
    Reader::{self, Store},
    Unit,
    scope::scoped,
};

const STORE: &[Reader] = &[Store];

pub(super) const KPIS: &[Kpi] = &[
    Kpi {
        name: "grab_success_rate",
        zh: "抢单成功率",
        formula: "claims with something granted and not revoked ÷ claims accepted for decision (all but refusals E01–E04, E15, E16, E19, E20)",
        unit: Unit::Ratio,
        source: "claims",
        readers: STORE,
        of_a_round: true,
        sql: scoped!(
            "select '' as key, count(*) filter (where granted > revoked) as part, count(*) as whole from accepted"
        ),
    },
    Kpi {
        name: "win_rate",
        zh: "门店中单率",
        formula: "by store: rounds in which the store won ÷ rounds in which it had a claim accepted for decision",
        unit: Unit::Ratio,
        source: "claims",
        readers: STORE,
        of_a_round: false,
        sql: scoped!(
            "select store_code as key,
                    count(distinct round_id) filter (where granted > revoked) as part,
                    count(distinct round_id) as whole
               from accepted
              group by store_code
              order by store_code"
        ),
    },
    Kpi {
        name: "participation_rate",
        zh: "参与率",
        formula: "invited stores with a claim ÷ invited stores, round by round",
        unit: Unit::Ratio,
        source: "claims, invitations",
        readers: STORE,
        of_a_round: true,
        sql: scoped!(
            "select '' as key,
                    count(*) filter (where exists (select from claims c
                                                    where c.round_id = i.round_id
                                                      and c.store_id = i.store_id)) as part,
                    count(*) as whole
               from invited i"
        ),
    },
    Kpi {
        name: "no_show_rate",
        zh: "弃单率",
        formula: "orders that the store itself cancelled ÷ orders (a win here never expires: it is an order at once)",
        unit: Unit::Ratio,
        source: "orders, order_events, users",
        readers: STORE,
        of_a_round: true,
        sql: scoped!(
            "select '' as key,
                    count(*) filter (where exists (select
                                                     from order_events e
                                                     join users u on u.id = e.by_user
                                                    where e.order_id = o.id
                                                      and e.what = 'CANCELLED'
                                                      and u.role in ('store_staff', 'store_manager'))) as part,
                    count(*) as whole
               from orders o
               join scoped_rounds r on r.id = o.round_id
               join scoped_stores s on s.id = o.store_id"
        ),
    },
];
