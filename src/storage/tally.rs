//! One round in figures, for whoever compares the books with what was seen from outside.

use super::Result;
use crate::domain::ids::{LineId, RoundId};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Tally {
    pub offered_units: i64,
    pub granted_units: i64,
    pub granted_packs: i64,
    pub returned_units: i64,
    /// Units granted beyond what was offered, line by line.
    pub oversold_units: i64,
    pub claims: i64,
    pub won: i64,
    /// Won claims that have an order.
    pub ordered: i64,
    pub orders: i64,
    /// Orders that the won claims must have: one a warehouse.
    pub orders_due: i64,
}

pub async fn of_round(db: &mut PgConnection, round_id: RoundId) -> Result<Tally> {
    sqlx::query_as(
        "with lines as (
           select coalesce(sum(pledged - holdback), 0)::bigint                          as offered_units,
                  coalesce(sum(granted), 0)::bigint                                     as granted_units,
                  coalesce(sum(granted / pack), 0)::bigint                              as granted_packs,
                  coalesce(sum(returned), 0)::bigint                                    as returned_units,
                  coalesce(sum(greatest(0, granted - (pledged - holdback))), 0)::bigint as oversold_units
             from offer_lines
            where round_id = $1
         ), decided as (
           select count(*)                            as claims,
                  count(*) filter (where granted > 0) as won
             from claims
            where round_id = $1
         ), booked as (
           select count(distinct claim_id) as ordered,
                  count(*)                 as orders
             from orders
            where round_id = $1
         ), due as (
           select count(*) as orders_due
             from (
               select distinct c.claim_id, l.warehouse_id
                 from claims c
                cross join lateral unnest(string_to_array(split_part(c.verdict, '|', 10), ';')) as part
                 join offer_lines l on l.id = split_part(part, ',', 1)::uuid
                where c.round_id = $1
                  and split_part(part, ',', 3)::bigint > 0
             ) each_of_them
         )
         select * from lines, decided, booked, due",
    )
    .bind(round_id)
    .fetch_one(db)
    .await
}

/// The lines of a round by their numbers.
pub async fn lines(db: &mut PgConnection, round_id: RoundId) -> Result<Vec<LineId>> {
    sqlx::query_scalar("select id from offer_lines where round_id = $1 order by line_no")
        .bind(round_id)
        .fetch_all(db)
        .await
}
