//! What became of a round, a row a store that was invited.

use super::{PAGE, Pages, Reach};
use crate::{
    domain::ids::RoundId,
    storage::{Result, area::in_area},
};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug)]
pub struct Results {
    pub reach: Reach,
    pub round_id: RoundId,
    /// The store's code.
    pub after: Option<String>,
}

#[derive(Clone, Debug, FromRow)]
pub struct ResultRow {
    pub round_code: String,
    pub round_name: String,
    pub store_code: String,
    pub store_name: String,
    pub region: String,
    /// Over all lines, as frozen when the round was published.
    pub need: i64,
    /// Decided claims.
    pub claims: i64,
    /// Over all decided claims and lines.
    pub asked: i64,
    /// Less what Redis had promised and the books could not keep.
    pub granted: i64,
    pub revoked: i64,
    /// Of what was granted, given back later.
    pub cancelled: i64,
    /// Claims that got nothing.
    pub refused: i64,
    /// Their codes with numbers, the commonest first: `E14×2 E07×1`.
    pub refusals: String,
}

/// `$1` is the round, `$2` and `$3` whose stores.
macro_rules! invited {
    () => {
        concat!(
            "  from invitations i
               join rounds r on r.id = i.round_id
               join stores st on st.id = i.store_id
              cross join lateral (
                    select coalesce(sum(need), 0)::bigint as need
                      from invitation_lines
                     where round_id = i.round_id
                       and store_id = i.store_id) n
              cross join lateral (
                    select count(*) as claims,
                           count(*) filter (where granted = 0) as refused,
                           coalesce(sum(granted - revoked), 0)::bigint as granted,
                           coalesce(sum(revoked), 0)::bigint as revoked,
                           coalesce(sum((select sum(split_part(line, ',', 2)::bigint)
                                           from unnest(string_to_array(split_part(verdict, '|', 10), ';')) as line)), 0)::bigint
                             as asked
                      from claims
                     where round_id = i.round_id
                       and store_id = i.store_id) c
              cross join lateral (
                    select coalesce(sum(l.cancelled), 0)::bigint as cancelled
                      from orders o
                      join order_lines l on l.order_id = o.id
                     where o.round_id = i.round_id
                       and o.store_id = i.store_id) g
              cross join lateral (
                    select coalesce(string_agg(code || '×' || times, ' ' order by times desc, code), '') as refusals
                      from (select code, count(*) as times
                              from claims
                             where round_id = i.round_id
                               and store_id = i.store_id
                               and granted = 0
                             group by code) codes) e
              where i.round_id = $1
                and ($2::uuid is null or i.store_id = $2)
                and ",
            in_area!("st.region", "$3")
        )
    };
}

impl Pages for Results {
    type Row = ResultRow;

    async fn count(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(concat!(
            "select count(*)
               from invitations i
               join stores st on st.id = i.store_id
              where i.round_id = $1
                and ($2::uuid is null or i.store_id = $2)
                and ",
            in_area!("st.region", "$3")
        ))
        .bind(self.round_id)
        .bind(self.reach.store_id)
        .bind(self.reach.area_of)
        .fetch_one(db)
        .await
    }

    async fn next(&mut self, db: &mut PgConnection) -> Result<Vec<ResultRow>> {
        let rows: Vec<ResultRow> = sqlx::query_as(concat!(
            "select r.code as round_code, r.name as round_name, st.code as store_code, st.name as store_name, st.region,
                    n.need, c.claims, c.asked, c.granted, c.revoked, g.cancelled, c.refused, e.refusals",
            invited!(),
            "   and ($4::text is null or st.code > $4)
              order by st.code
              limit $5"
        ))
        .bind(self.round_id)
        .bind(self.reach.store_id)
        .bind(self.reach.area_of)
        .bind(&self.after)
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        self.after = rows.last().map(|row| row.store_code.clone()).or(self.after.take());
        Ok(rows)
    }
}
