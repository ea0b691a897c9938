//! A hot round between the one who asks for it and the one who agrees.

use crate::{
    domain::{
        heat::{Heat, Over},
        ids::{RoundId, UserId},
    },
    storage::Result,
};
use sqlx::PgConnection;

/// From a draft to a round that waits, with the figures that made it hot. The caller holds the round.
pub async fn ask(tx: &mut PgConnection, id: RoundId, by: UserId, heat: Heat, over: &[Over]) -> Result<()> {
    sqlx::query(
        "update rounds
            set state = 'PENDING_APPROVAL', asked_by = $2, asked_at = now(), hot_value_cents = $3,
                hot_scarcity_percent = $4, hot_over = $5
          where id = $1",
    )
    .bind(id)
    .bind(by)
    .bind(heat.value_cents)
    .bind(heat.scarcity_percent)
    .bind(over.iter().map(|over| over.name()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Back to a draft, as if nobody had asked; the steps tell that somebody had.
pub async fn take_back(tx: &mut PgConnection, id: RoundId) -> Result<()> {
    sqlx::query(
        "update rounds
            set state = 'DRAFT', asked_by = null, asked_at = null, hot_value_cents = null, hot_scarcity_percent = null,
                hot_over = null
          where id = $1",
    )
    .bind(id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whose round a waiting one is: none of them is the second person.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Owners {
    pub asked_by: UserId,
    /// Who changed it last, or wrote it down.
    pub edited_by: UserId,
}

pub async fn owners(tx: &mut PgConnection, id: RoundId) -> Result<Owners> {
    sqlx::query_as("select asked_by, coalesce(edited_by, created_by) as edited_by from rounds where id = $1")
        .bind(id)
        .fetch_one(tx)
        .await
}
