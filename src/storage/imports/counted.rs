//! Stock as counted: units on hand of a site at a time. What came and went since is added, and the difference to the books
//! becomes a movement with the job as its paper. Corrections since are not added: they mended the books, not the shelf.

use super::{super::Result, undo::Changed};
use crate::{
    domain::{
        ids::{ImportId, SkuId, UserId},
        order::MovementKind,
    },
    storage::stock::{self, Bucket, Document, Movement},
};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountRow {
    pub row: i32,
    /// A warehouse or a store.
    pub site_id: Uuid,
    pub sku_id: SkuId,
    pub units: i64,
    pub as_of: DateTime<Utc>,
}

/// What the books say to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct Compared {
    pub row_no: i32,
    pub on_hand: i64,
    /// To orders and rounds.
    pub promised: i64,
    /// Came or went since the count.
    pub moved: i64,
}

/// Locks the levels when they are about to be changed.
pub async fn compare(tx: &mut PgConnection, rows: &[CountRow], lock: bool) -> Result<Vec<Compared>> {
    let mut sorted: Vec<&CountRow> = rows.iter().collect();
    sorted.sort_unstable_by_key(|row| (row.site_id, row.sku_id));
    let sites: Vec<_> = sorted.iter().map(|row| row.site_id).collect();
    let skus: Vec<_> = sorted.iter().map(|row| row.sku_id.0).collect();
    if lock {
        stock::hold(tx, &sites, &skus).await?;
    }
    sqlx::query_as(
        "with counted as (
           select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::timestamptz[]) as g (row_no, site_id, sku_id, as_of)),
         moved as (
           select c.row_no, sum(m.delta)::bigint as units
             from counted c
             join movements m on m.site_id = c.site_id and m.sku_id = c.sku_id and m.at > c.as_of
            where m.at > $5
              and m.bucket = 'on_hand'
              and m.kind not in ('COUNT_GAIN', 'COUNT_LOSS', 'CORRECTION')
            group by c.row_no)
         select c.row_no, coalesce(l.on_hand, 0) as on_hand, coalesce(l.allocated + l.pledged, 0) as promised,
                coalesce(m.units, 0) as moved
           from counted c
           left join stock_levels l on l.site_id = c.site_id and l.sku_id = c.sku_id
           left join moved m on m.row_no = c.row_no",
    )
    .bind(sorted.iter().map(|row| row.row).collect::<Vec<_>>())
    .bind(&sites)
    .bind(&skus)
    .bind(sorted.iter().map(|row| row.as_of).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.as_of).min())
    .fetch_all(tx)
    .await
}

/// A count with the difference that it makes, which is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    pub count: CountRow,
    pub on_hand_before: i64,
    pub delta: i64,
}

pub async fn apply(
    tx: &mut PgConnection,
    import_id: ImportId,
    by: Option<UserId>,
    differences: &[Difference],
) -> Result<()> {
    let movements: Vec<Movement> = differences
        .iter()
        .map(|difference| Movement {
            site_id: difference.count.site_id,
            sku_id: difference.count.sku_id,
            bucket: Bucket::OnHand,
            delta: difference.delta,
            kind: if difference.delta > 0 { MovementKind::CountGain } else { MovementKind::CountLoss },
            document: Document::Import(import_id.0),
            by_user: by,
        })
        .collect();
    stock::book(tx, &movements).await?;
    sqlx::query(
        "insert into import_changes (import_id, row_no, subject, before, after)
         select $1, g.row_no, g.sku_id, to_jsonb(g.on_hand), jsonb_build_object('site_id', g.site_id, 'delta', g.delta)
           from unnest($2::int[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[])
             as g (row_no, site_id, sku_id, on_hand, delta)",
    )
    .bind(import_id)
    .bind(differences.iter().map(|difference| difference.count.row).collect::<Vec<_>>())
    .bind(differences.iter().map(|difference| difference.count.site_id).collect::<Vec<_>>())
    .bind(differences.iter().map(|difference| difference.count.sku_id.0).collect::<Vec<_>>())
    .bind(differences.iter().map(|difference| difference.on_hand_before).collect::<Vec<_>>())
    .bind(differences.iter().map(|difference| difference.delta).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map(|_| ())
}

/// Rows whose reversal would undo somebody's later count, or take away what is promised. That stock moved since is no
/// reason: a reversal takes back the difference, not the level.
pub async fn changed_since(tx: &mut PgConnection, import_id: ImportId) -> Result<Vec<Changed>> {
    let touched: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select (after ->> 'site_id')::uuid as site_id, subject from import_changes where import_id = $1 order by 1, 2",
    )
    .bind(import_id)
    .fetch_all(&mut *tx)
    .await?;
    let (sites, skus): (Vec<Uuid>, Vec<Uuid>) = touched.into_iter().unzip();
    stock::hold(tx, &sites, &skus).await?;
    sqlx::query_as(
        "select c.row_no, k.code as what
           from import_changes c
           join skus k on k.id = c.subject
           join movements m on m.doc_id = c.import_id and m.doc_type = 'import' and m.sku_id = c.subject
                           and m.site_id = (c.after ->> 'site_id')::uuid
           join stock_levels l on l.site_id = m.site_id and l.sku_id = m.sku_id
          where c.import_id = $1
            and (l.on_hand - m.delta < l.allocated + l.pledged
                 or (select coalesce(sum(later.delta), 0)
                       from movements later
                      where later.at >= m.at
                        and later.id > m.id
                        and later.site_id = m.site_id
                        and later.sku_id = m.sku_id
                        and later.bucket = 'on_hand'
                        and later.kind in ('COUNT_GAIN', 'COUNT_LOSS', 'CORRECTION')) <> 0)
          order by c.row_no",
    )
    .bind(import_id)
    .fetch_all(tx)
    .await
}

/// The levels are locked.
pub async fn undo(tx: &mut PgConnection, import_id: ImportId, by: Option<UserId>) -> Result<()> {
    sqlx::query(
        "update stock_levels l
            set on_hand = l.on_hand - m.delta
           from movements m
          where m.doc_type = 'import'
            and m.doc_id = $1
            and l.site_id = m.site_id
            and l.sku_id = m.sku_id",
    )
    .bind(import_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into movements (site_id, sku_id, bucket, delta, kind, doc_type, doc_id, reversal_of, by_user)
         select site_id, sku_id, bucket, -delta, 'CORRECTION', doc_type, doc_id, id, $2
           from movements
          where doc_type = 'import'
            and doc_id = $1
          order by id",
    )
    .bind(import_id)
    .bind(by)
    .execute(tx)
    .await
    .map(|_| ())
}
