//! Recomputing the books: what is stored as a sum must be the sum of what it stands for. Each query counts what is wrong.

use super::Result;
use sqlx::PgConnection;

/// A question to the books whose answer must be 0.
pub struct Check {
    pub name: &'static str,
    /// What a number above 0 means.
    pub meaning: &'static str,
    sql: &'static str,
}

pub const CHECKS: [Check; 13] = [
    Check {
        name: "oversold",
        meaning: "units granted beyond what was offered",
        sql: "select coalesce(sum(greatest(0, granted - (pledged - holdback))), 0)::bigint from offer_lines",
    },
    Check {
        name: "lines_not_the_sum_of_their_orders",
        meaning: "offer lines whose granted units are not those of their orders",
        sql: "select count(*)
                from offer_lines l
                left join (select line_id, sum(ordered - cancelled) as units from order_lines group by line_id) o
                  on o.line_id = l.id
               where l.granted <> coalesce(o.units, 0)",
    },
    Check {
        name: "wins_without_their_orders",
        meaning: "claims whose kept units are not those of their orders",
        sql: "select count(*)
                from claims c
                left join (
                  select o.round_id, o.claim_id, sum(l.ordered) as units
                    from orders o
                    join order_lines l on l.order_id = o.id
                   group by o.round_id, o.claim_id
                ) o using (round_id, claim_id)
               where c.granted - c.revoked <> coalesce(o.units, 0)",
    },
    Check {
        name: "orders_without_shipment",
        meaning: "orders that do not have exactly one shipment",
        sql: "select count(*) from orders o where (select count(*) from shipments s where s.order_id = o.id) <> 1",
    },
    Check {
        name: "prices_not_those_of_the_round",
        meaning: "order lines with another price than was offered, or orders with another total",
        sql: "select (select count(*)
                        from order_lines l
                        join offer_lines f on f.id = l.line_id
                       where l.price_cents <> f.price_cents)
                   + (select count(*)
                        from orders o
                       where o.total_cents <> (select coalesce(sum(l.ordered * l.price_cents), 0)
                                                 from order_lines l
                                                where l.order_id = o.id))",
    },
    Check {
        name: "closed_rounds_that_leak",
        meaning: "lines of closed rounds where offered is not granted + returned",
        sql: "select count(*)
                from offer_lines l
                join rounds r on r.id = l.round_id
               where r.state in ('CLOSED', 'ARCHIVED')
                 and l.pledged - l.holdback <> l.granted + l.returned",
    },
    Check {
        name: "levels_not_the_sum_of_their_movements",
        meaning: "stock levels that differ from their movements",
        sql:
            "with moved as (
                select site_id, sku_id,
                       coalesce(sum(delta) filter (where bucket = 'on_hand'), 0)   as on_hand,
                       coalesce(sum(delta) filter (where bucket = 'allocated'), 0) as allocated,
                       coalesce(sum(delta) filter (where bucket = 'pledged'), 0)   as pledged,
                       coalesce(sum(delta) filter (where bucket = 'inbound'), 0)   as inbound
                  from movements
                 group by site_id, sku_id
              )
              select count(*)
                from stock_levels l
                full join moved m using (site_id, sku_id)
               where (coalesce(l.on_hand, 0), coalesce(l.allocated, 0), coalesce(l.pledged, 0), coalesce(l.inbound, 0))
                  <> (coalesce(m.on_hand, 0), coalesce(m.allocated, 0), coalesce(m.pledged, 0), coalesce(m.inbound, 0))",
    },
    Check {
        name: "sales_days_not_the_sum_of_their_lines",
        meaning: "days of sales that were fed line by line and differ from their lines",
        sql: "select count(*)
                from (select sku_id, store_id, day, sum(units) as units from sales_lines group by sku_id, store_id, day) l
                left join sales_days d using (sku_id, store_id, day)
               where d.units is distinct from l.units",
    },
    Check {
        name: "outbox_gaps",
        meaning: "numbers missing from an outbox, or from a store's events",
        sql: "select coalesce((select sum(p.last_number - (select count(*) from outbox o where o.pool_id = p.pool_id))
                                 from pool_out p), 0)::bigint
                   + coalesce((select sum(s.store_seq - (select count(*) from outbox o where o.store_id = s.id))
                                 from stores s), 0)::bigint",
    },
    Check {
        name: "totals_not_the_count_of_their_claims",
        meaning: "rounds whose running totals differ from their claims",
        sql: "select count(*)
                from round_totals t
                left join (
                  select round_id, count(*) as claims, count(*) filter (where granted > 0) as won
                    from claims
                   group by round_id
                ) c using (round_id)
               where (t.claims, t.won) <> (coalesce(c.claims, 0), coalesce(c.won, 0))",
    },
    Check {
        name: "hot_rounds_of_one_person",
        meaning: "hot rounds that were published without a second person",
        sql: "select count(*)
                from rounds
               where asked_by is not null
                 and published_at is not null
                 and approved_by is null",
    },
    Check {
        name: "stock_of_unpublished_rounds",
        meaning: "drafts and rounds waiting for approval that have moved stock",
        sql: "select count(*)
                from rounds r
               where r.state in ('DRAFT', 'PENDING_APPROVAL')
                 and exists (select from movements m where m.doc_id = r.id)",
    },
    Check {
        name: "dead_entries",
        meaning: "log entries that could not be applied and wait for somebody",
        sql: "select count(*) from dead_entries",
    },
];

impl Check {
    /// How much is wrong; 0 is right.
    pub async fn run(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(self.sql).fetch_one(db).await
    }
}

/// How much there is: rounds, claims, claims that won something, orders.
pub async fn volume(db: &mut PgConnection) -> Result<(i64, i64, i64, i64)> {
    sqlx::query_as(
        "select (select count(*) from rounds),
                (select count(*) from claims),
                (select count(*) from claims where granted > 0),
                (select count(*) from orders)",
    )
    .fetch_one(db)
    .await
}
