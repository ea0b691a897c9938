//! Taking a job back as a whole, by what stood there before, or not at all.

use super::{super::Result, counted, prices, sales_lines, sales_totals, skus, stores};
use crate::domain::{
    ids::{ImportId, UserId},
    import::ImportKind,
};
use sqlx::{FromRow, PgConnection};

/// A row that somebody changed since.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Changed {
    pub row_no: i32,
    /// Its code, or its order and line.
    pub what: String,
}

/// Whether the job wrote sales line by line.
async fn has_lines(tx: &mut PgConnection, import_id: ImportId) -> Result<bool> {
    sqlx::query_scalar(
        "select exists (select from sales_lines where import_id = $1)
             or exists (select from import_changes where import_id = $1 and before ? 'order_no')",
    )
    .bind(import_id)
    .fetch_one(tx)
    .await
}

/// Puts back what stood there; or names the rows that stand in the way, and does nothing.
pub async fn undo(
    tx: &mut PgConnection,
    kind: ImportKind,
    import_id: ImportId,
    by: Option<UserId>,
) -> Result<Vec<Changed>> {
    let changed = match kind {
        ImportKind::Stores => stores::changed_since(tx, import_id).await?,
        ImportKind::Skus => skus::changed_since(tx, import_id).await?,
        ImportKind::Prices => prices::changed_since(tx, import_id).await?,
        ImportKind::Stock => counted::changed_since(tx, import_id).await?,
        ImportKind::Sales => {
            let mut changed = sales_lines::changed_since(tx, import_id).await?;
            if changed.is_empty() && !has_lines(tx, import_id).await? {
                changed = sales_totals::changed_since(tx, import_id).await?;
            }
            changed
        }
    };
    if !changed.is_empty() {
        return Ok(changed);
    }
    match kind {
        ImportKind::Stores => stores::undo(tx, import_id).await?,
        ImportKind::Skus => skus::undo(tx, import_id).await?,
        ImportKind::Prices => prices::undo(tx, import_id).await?,
        ImportKind::Stock => counted::undo(tx, import_id, by).await?,
        ImportKind::Sales if has_lines(tx, import_id).await? => sales_lines::undo(tx, import_id).await?,
        ImportKind::Sales => sales_totals::undo(tx, import_id).await?,
    }
    Ok(Vec::new())
}

/// Which row made what a foreign key says others refer to: its detail names the id.
pub async fn row_of(db: &mut PgConnection, import_id: ImportId, detail: &str) -> Result<Option<Changed>> {
    sqlx::query_as(
        "select c.row_no, coalesce(s.code, k.code, '') as what
           from import_changes c
           left join stores s on s.id = c.subject
           left join skus k on k.id = c.subject
          where c.import_id = $1
            and position(c.subject::text in $2) > 0
          order by c.row_no
          limit 1",
    )
    .bind(import_id)
    .bind(detail)
    .fetch_optional(db)
    .await
}
