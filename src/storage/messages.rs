//! Messages for people whose page is closed: planned with the consent that each spends, sent once, and ended.

use super::{Result, consents::REMAINING_MAX};
use crate::domain::{clock::UnixMs, ids::UserId, message::Template};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// A reminder is planned so long before its round opens.
pub const REMINDER_LEAD_S: f64 = 600.0;
/// Orders that are older are not told any more, if nobody told them in time.
const RESULT_AGE_MAX_MS: i64 = 600_000;
/// So long the news of an order is worth something.
const RESULT_USEFUL_S: f64 = 3_600.0;

/// The least UUIDv7 of a moment: what was made later has a higher id.
fn least_id_of(at_ms: UnixMs) -> Uuid {
    Uuid::from_u128(u128::from(at_ms.max(0).unsigned_abs()) << 80)
}

/// Plans the reminders of rounds that open soon, for who asked, and spends a consent for each; how many. At most `limit`.
pub async fn plan_reminders(tx: &mut PgConnection, limit: i64) -> Result<i64> {
    sqlx::query_scalar(
        "with due as materialized (
             select c.user_id, r.id as about_id,
                    min(r.opens_at + make_interval(secs => (r.shift_ms + i.offset_ms) / 1000.0)) as useful_until
               from rounds r
               join invitations i on i.round_id = r.id
               join user_stores us on us.store_id = i.store_id
               join users u on u.id = us.user_id and u.status = 'active'
               join consents c on c.user_id = u.id and c.template = 'round_reminder' and c.remaining > 0
               join identities d on d.user_id = u.id and d.provider = 'wechat'
              where r.state in ('SCHEDULED', 'WARMING')
                and r.opens_at > now()
                and r.opens_at <= now() + make_interval(secs => $2)
                and not exists (select
                                  from messages m
                                 where m.template = 'round_reminder'
                                   and m.user_id = c.user_id
                                   and m.about_id = r.id)
              group by c.user_id, r.id
              limit $1
         ), held as materialized (
             select user_id, remaining
               from consents
              where template = 'round_reminder'
                and user_id in (select user_id from due)
                and remaining > 0
              order by user_id
                for update
         ), planned as (
             insert into messages (template, user_id, about_id, useful_until)
             select 'round_reminder', user_id, about_id, useful_until
               from (select d.*, h.remaining, row_number() over (partition by d.user_id order by d.useful_until) as nth
                       from due d
                       join held h using (user_id)) one
              where nth <= remaining
                 on conflict on constraint messages_once do nothing
             returning user_id
         ), spent as (
             update consents c
                set remaining = c.remaining - p.n
               from (select user_id, count(*)::int as n from planned group by user_id) p
              where c.template = 'round_reminder'
                and c.user_id = p.user_id
         )
         select count(*) from planned",
    )
    .bind(limit)
    .bind(REMINDER_LEAD_S)
    .fetch_one(tx)
    .await
}

/// Plans the news of claims that became orders after their user had asked for it. A claim that became several orders is
/// told once, by the first of them.
pub async fn plan_results(tx: &mut PgConnection, now_ms: UnixMs, limit: i64) -> Result<i64> {
    sqlx::query_scalar(
        "with due as materialized (
             select c.user_id, o.id as about_id, o.ordered_at
               from orders o
               join claims cl on cl.round_id = o.round_id and cl.claim_id = o.claim_id
               join users u on u.id = cl.user_id and u.status = 'active'
               join consents c on c.user_id = u.id and c.template = 'claim_result' and c.remaining > 0
               join identities d on d.user_id = u.id and d.provider = 'wechat'
              where o.id > $3
                and o.ordered_at >= c.since
                and o.state <> 'CANCELLED'
                and not exists (select
                                  from orders e
                                 where e.round_id = o.round_id
                                   and e.claim_id = o.claim_id
                                   and e.id < o.id)
                and not exists (select
                                  from messages m
                                 where m.template = 'claim_result'
                                   and m.user_id = c.user_id
                                   and m.about_id = o.id)
              order by o.id
              limit $1
         ), held as materialized (
             select user_id, remaining
               from consents
              where template = 'claim_result'
                and user_id in (select user_id from due)
                and remaining > 0
              order by user_id
                for update
         ), planned as (
             insert into messages (template, user_id, about_id, useful_until)
             select 'claim_result', user_id, about_id, ordered_at + make_interval(secs => $2)
               from (select d.*, h.remaining, row_number() over (partition by d.user_id order by d.about_id) as nth
                       from due d
                       join held h using (user_id)) one
              where nth <= remaining
                 on conflict on constraint messages_once do nothing
             returning user_id
         ), spent as (
             update consents c
                set remaining = c.remaining - p.n
               from (select user_id, count(*)::int as n from planned group by user_id) p
              where c.template = 'claim_result'
                and c.user_id = p.user_id
         )
         select count(*) from planned",
    )
    .bind(limit)
    .bind(RESULT_USEFUL_S)
    .bind(least_id_of(now_ms - RESULT_AGE_MAX_MS))
    .fetch_one(tx)
    .await
}

/// Ends what is worth nothing any more and was never sent, and gives its consent back; of which template, and how many.
pub async fn expire(tx: &mut PgConnection) -> Result<Vec<(Template, i64)>> {
    sqlx::query_as(
        "with over as (
             update messages m
                set state    = 'expired',
                    ended_at = now()
              where m.state = 'planned'
                and (m.useful_until <= now()
                     or m.template = 'round_reminder'
                        and not exists (select from rounds r where r.id = m.about_id and r.state in ('SCHEDULED', 'WARMING')))
             returning m.template, m.user_id
         ), back as (
             update consents c
                set remaining = least(c.remaining + o.n, $1)
               from (select template, user_id, count(*)::int as n from over group by template, user_id) o
              where c.template = o.template
                and c.user_id = o.user_id
         )
         select template, count(*) from over group by template",
    )
    .bind(REMAINING_MAX)
    .fetch_all(tx)
    .await
}

/// Ends what was asked for and never answered: it may have been sent, so it is not sent again.
pub async fn give_up_unanswered(db: &mut PgConnection, after_s: f64) -> Result<Vec<(Template, i64)>> {
    sqlx::query_as(
        "with lost as (
             update messages
                set state    = 'failed',
                    code     = 'unknown',
                    ended_at = now()
              where state = 'sending'
                and begun_at <= now() - make_interval(secs => $1)
             returning template
         )
         select template, count(*) from lost group by template",
    )
    .bind(after_s)
    .fetch_all(db)
    .await
}

/// A message that is ours to send now.
#[derive(Clone, Debug, FromRow)]
pub struct ToSend {
    pub message_id: Uuid,
    pub template: Template,
    pub user_id: UserId,
    /// With this one.
    pub tries: i32,
    /// `None`: unbound, or not active, since it was planned.
    pub openid: Option<String>,
    pub round_name: String,
    /// Of a reminder: when the store may begin.
    pub opens_at_ms: UnixMs,
    /// Of a result.
    pub order_no: Option<String>,
    /// Of a result: of all orders of the claim.
    pub units: Option<i64>,
    pub time_zone: String,
}

/// Takes what is due, at most so many, and marks it as being sent.
pub async fn take(tx: &mut PgConnection, limit: i64) -> Result<Vec<ToSend>> {
    sqlx::query_as(
        "with next as materialized (
             select id
               from messages
              where state = 'planned'
                and not_before <= now()
                and useful_until > now()
              order by not_before
              limit $1
                for update skip locked
         ), taken as (
             update messages m
                set state    = 'sending',
                    tries    = m.tries + 1,
                    begun_at = now()
               from next
              where m.id = next.id
             returning m.*
         )
         select t.id as message_id, t.template, t.user_id, t.tries, d.subject as openid, r.name as round_name,
                (extract(epoch from t.useful_until) * 1000)::bigint as opens_at_ms,
                o.order_no,
                (select sum(s.units)::bigint
                   from orders s
                  where s.round_id = o.round_id
                    and s.claim_id = o.claim_id) as units,
                (select time_zone from chain) as time_zone
           from taken t
           left join orders o on t.template = 'claim_result' and o.id = t.about_id
           join rounds r on r.id = coalesce(o.round_id, t.about_id)
           left join users u on u.id = t.user_id and u.status = 'active'
           left join identities d on d.user_id = u.id and d.provider = 'wechat'",
    )
    .bind(limit)
    .fetch_all(tx)
    .await
}

pub async fn sent(db: &mut PgConnection, message_id: Uuid) -> Result<()> {
    sqlx::query("update messages set state = 'sent', ended_at = now() where id = $1 and state = 'sending'")
        .bind(message_id)
        .execute(db)
        .await
        .map(|_| ())
}

pub async fn failed(db: &mut PgConnection, message_id: Uuid, code: &str) -> Result<()> {
    sqlx::query("update messages set state = 'failed', code = $2, ended_at = now() where id = $1 and state = 'sending'")
        .bind(message_id)
        .bind(code)
        .execute(db)
        .await
        .map(|_| ())
}

/// Certainly not sent: it is tried again after a while, if it is worth something then.
pub async fn put_back(db: &mut PgConnection, message_id: Uuid, wait_s: f64) -> Result<()> {
    sqlx::query(
        "update messages
            set state      = 'planned',
                not_before = now() + make_interval(secs => $2)
          where id = $1
            and state = 'sending'",
    )
    .bind(message_id)
    .bind(wait_s)
    .execute(db)
    .await
    .map(|_| ())
}

/// Forgets what ended a month ago, some at a time: nothing that old is planned again.
pub async fn forget_old(db: &mut PgConnection, limit: i64) -> Result<()> {
    sqlx::query(
        "delete from messages
          where id in (select id from messages where ended_at < now() - interval '30 days' limit $1)",
    )
    .bind(limit)
    .execute(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_later_has_a_higher_id_than_the_least_of_before() {
        let now_ms = crate::domain::clock::now_ms();
        let made = Uuid::now_v7();
        assert!(least_id_of(now_ms - 1) < made && made < least_id_of(now_ms + 60_000));
    }
}
