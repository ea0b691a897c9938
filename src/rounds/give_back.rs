//! Returning what a round did not sell: to the warehouses as stock, and to the lines as `returned`.

use super::Result;
use crate::{
    domain::{
        ids::{RoundId, UserId},
        order::MovementKind,
    },
    storage::{
        rounds as books,
        stock::{self, Bucket, Document, Movement},
    },
};
use sqlx::PgConnection;

/// Unpledges all that is still pledged, holdback included, and says how many units that were. Computed from the books
/// alone; the caller holds the round.
pub async fn give_back_unsold(tx: &mut PgConnection, id: RoundId, by: Option<UserId>) -> Result<i64> {
    let lines = books::lines_for_update(tx, id).await?;
    let unpledged: Vec<Movement> = lines
        .iter()
        .map(|line| Movement {
            site_id: line.warehouse_id.0,
            sku_id: line.sku_id,
            bucket: Bucket::Pledged,
            // What was granted left the pledge when it was won, also where it was given back later.
            delta: line.granted + line.returned - line.pledged,
            kind: MovementKind::Unpledge,
            document: Document::Round(id.0),
            by_user: by,
        })
        .filter(|movement| movement.delta != 0)
        .collect();
    books::return_unsold(tx, id).await?;
    stock::book(tx, &unpledged).await?;
    Ok(-unpledged.iter().map(|movement| movement.delta).sum::<i64>())
}
