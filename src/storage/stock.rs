//! Stock by bucket. A level never changes without the movement that explains it.

use super::Result;
use crate::domain::{
    ids::{SkuId, UserId},
    order::MovementKind,
};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bucket {
    OnHand,
    Allocated,
    Pledged,
    Inbound,
}

impl Bucket {
    fn name(self) -> &'static str {
        match self {
            Self::OnHand => "on_hand",
            Self::Allocated => "allocated",
            Self::Pledged => "pledged",
            Self::Inbound => "inbound",
        }
    }
}

/// The paper behind a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    Opening,
    Round(Uuid),
    Order(Uuid),
    Shipment(Uuid),
    Receipt(Uuid),
    /// A file that somebody counted into.
    Import(Uuid),
}

impl Document {
    fn parts(self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::Opening => ("opening", None),
            Self::Round(id) => ("round", Some(id)),
            Self::Order(id) => ("order", Some(id)),
            Self::Shipment(id) => ("shipment", Some(id)),
            Self::Receipt(id) => ("receipt", Some(id)),
            Self::Import(id) => ("import", Some(id)),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Movement {
    /// A warehouse or a store.
    pub site_id: Uuid,
    pub sku_id: SkuId,
    pub bucket: Bucket,
    /// Never 0.
    pub delta: i64,
    pub kind: MovementKind,
    pub document: Document,
    /// `None`: the system did it.
    pub by_user: Option<UserId>,
}

/// Books the movements and moves the levels by their sums. Levels are touched in the order of site and SKU, so that two
/// transactions cannot deadlock; a check that fails (`stock_available_not_negative`, `…_check`) refuses the transaction.
pub async fn book(tx: &mut PgConnection, movements: &[Movement]) -> Result<()> {
    if movements.is_empty() {
        return Ok(());
    }
    let mut sums = BTreeMap::<(Uuid, SkuId), [i64; 4]>::new();
    for movement in movements {
        sums.entry((movement.site_id, movement.sku_id)).or_default()[movement.bucket as usize] += movement.delta;
    }
    let column = |bucket: Bucket| sums.values().map(|sum| sum[bucket as usize]).collect::<Vec<i64>>();
    let sites: Vec<Uuid> = sums.keys().map(|(site, _)| *site).collect();
    let skus: Vec<Uuid> = sums.keys().map(|(_, sku)| sku.0).collect();

    hold(tx, &sites, &skus).await?;
    sqlx::query(
        "update stock_levels l
            set on_hand   = l.on_hand   + s.on_hand,
                allocated = l.allocated + s.allocated,
                pledged   = l.pledged   + s.pledged,
                inbound   = l.inbound   + s.inbound
           from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
             as s (site_id, sku_id, on_hand, allocated, pledged, inbound)
          where l.site_id = s.site_id
            and l.sku_id = s.sku_id",
    )
    .bind(&sites)
    .bind(&skus)
    .bind(column(Bucket::OnHand))
    .bind(column(Bucket::Allocated))
    .bind(column(Bucket::Pledged))
    .bind(column(Bucket::Inbound))
    .execute(&mut *tx)
    .await?;

    write_movements(tx, movements).await
}

/// Makes the levels that are missing, and locks all of them in the order of site and SKU.
pub(super) async fn hold(tx: &mut PgConnection, sites: &[Uuid], skus: &[Uuid]) -> Result<()> {
    // A missing level is made first and then moved, because the checks must see sums, never a single leg.
    sqlx::query(
        "insert into stock_levels (site_id, sku_id)
         select * from unnest($1::uuid[], $2::uuid[])
         on conflict do nothing",
    )
    .bind(sites)
    .bind(skus)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "select 1
           from stock_levels l
           join unnest($1::uuid[], $2::uuid[]) as s (site_id, sku_id) using (site_id, sku_id)
          order by l.site_id, l.sku_id
            for update of l",
    )
    .bind(sites)
    .bind(skus)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

pub(super) async fn write_movements(tx: &mut PgConnection, movements: &[Movement]) -> Result<()> {
    let documents = movements.iter().map(|m| m.document.parts());
    sqlx::query(
        "insert into movements (site_id, sku_id, bucket, delta, kind, doc_type, doc_id, by_user)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::uuid[], $8::uuid[])",
    )
    .bind(movements.iter().map(|m| m.site_id).collect::<Vec<_>>())
    .bind(movements.iter().map(|m| m.sku_id.0).collect::<Vec<_>>())
    .bind(movements.iter().map(|m| m.bucket.name()).collect::<Vec<_>>())
    .bind(movements.iter().map(|m| m.delta).collect::<Vec<_>>())
    .bind(movements.iter().map(|m| m.kind.name()).collect::<Vec<_>>())
    .bind(documents.clone().map(|d| d.0).collect::<Vec<_>>())
    .bind(documents.map(|d| d.1).collect::<Vec<_>>())
    .bind(movements.iter().map(|m| m.by_user.map(|u| u.0)).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    Ok(())
}
