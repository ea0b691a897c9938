//! What every key figure begins with: the rounds and the stores that it is of.
//!
//! `$1` from, `$2` to, `$3` region, `$4` store, `$5` round, `$6` whose regions.

macro_rules! scoped {
    ($($body:tt)+) => {
        concat!(
            "with scoped_stores as (
               select s.id, s.code
                 from stores s
                where ($3::text is null or s.region = $3)
                  and ($4::uuid is null or s.id = $4)
                  and ",
            $crate::storage::area::in_area!("s.region", "$6"),
            "
             ), scoped_rounds as (
               select r.id, r.opens_at, r.closed_at, r.state
                 from rounds r
                where r.state in ('OPEN', 'PAUSED', 'SETTLING', 'CLOSED', 'ARCHIVED')
                  and r.opens_at >= $1::timestamptz
                  and r.opens_at < $2::timestamptz
                  and ($5::uuid is null or r.id = $5)
             ), accepted as (
               select c.*, s.code as store_code
                 from claims c
                 join scoped_rounds r on r.id = c.round_id
                 join scoped_stores s on s.id = c.store_id
                where not (c.status = 'refused'
                           and coalesce(c.code, '') in ('E01', 'E02', 'E03', 'E04', 'E15', 'E16', 'E19', 'E20'))
             ), invited as (
               select i.round_id, i.store_id
                 from invitations i
                 join scoped_rounds r on r.id = i.round_id
                 join scoped_stores s on s.id = i.store_id
             ), needed as (
               select i.round_id, i.store_id, f.sku_id, max(c.need) as units
                 from invited i
                 join invitation_lines c on c.round_id = i.round_id and c.store_id = i.store_id
                 join offer_lines f on f.id = c.line_id
                group by i.round_id, i.store_id, f.sku_id
             ), granted as (
               select o.round_id, o.store_id, l.sku_id, sum(l.ordered - l.cancelled)::bigint as units
                 from orders o
                 join scoped_rounds r on r.id = o.round_id
                 join scoped_stores s on s.id = o.store_id
                 join order_lines l on l.order_id = o.id
                where o.state <> 'CANCELLED'
                group by o.round_id, o.store_id, l.sku_id
             ), due as (
               select o.id, h.received_at, o.promised_date,
                      (h.received_at at time zone c.time_zone)::date <= o.promised_date as on_time
                 from orders o
                 join scoped_stores s on s.id = o.store_id
                 join shipments h on h.order_id = o.id and h.state <> 'CANCELLED'
                cross join chain c
                where o.promised_date >= ($1::timestamptz at time zone c.time_zone)::date
                  and o.promised_date < ($2::timestamptz at time zone c.time_zone)::date
                  and ($5::uuid is null or o.round_id = $5)
                  and o.state <> 'CANCELLED'
             ) ",
            $($body)+
        )
    };
}

pub(super) use scoped;
