//! The outbox rows that follow a change of a round.

use super::Result;
use crate::{
    domain::{event::StateEvent, ids::RoundId},
    storage::{outbox::NewRow, status},
};
use sqlx::PgConnection;

/// Where the round stands now, for everybody invited and for the board. Read after the change, in its transaction.
pub async fn state_and_board(tx: &mut PgConnection, round_id: RoundId) -> Result<[NewRow; 2]> {
    let round = StateEvent::Round(status::round_status(tx, round_id).await?);
    let board = StateEvent::Board(status::board(tx, round_id).await?);
    Ok([NewRow::State { round_id, event: round }, NewRow::State { round_id, event: board }])
}
