//! One batch of the log becomes books: decisions, orders, stock, chain, totals and what is told, in one transaction.
//!
//! Set by set, one statement a table: a batch of a thousand claims costs as many statements as a batch of one.

mod batch;
mod books;
mod control;
mod settle;

mod decisions;
mod orders;
mod rounds;
mod told;

pub mod measure;

use super::{
    Result,
    log_position::{self, Position},
    outbox,
};
use books::Books;
use sqlx::PgConnection;

pub use batch::{Batch, Change, DecidedClaim, Entry, What};

/// What a batch did, for those who report it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub position: Position,
    /// Decisions that were new to the books.
    pub claims: usize,
    pub orders: usize,
    /// The newest number of the outbox; `None` when there was nothing to tell.
    pub last_number: Option<i64>,
    /// Claims that lost something they had been granted.
    pub revoked: usize,
    /// Entries set aside, each with why.
    pub dead: Vec<(String, String)>,
}

/// Applies a batch. `None`: the position is not where the batch begins; roll back and read again. The caller commits.
pub async fn apply(tx: &mut PgConnection, batch: &Batch) -> Result<Option<Written>> {
    let Some(moment) = log_position::advance(tx, &batch.pool_id, &batch.from, &batch.to).await? else {
        return Ok(None);
    };
    let mut books = Books::lock(tx, batch).await?;
    let settled = settle::settle(batch, &mut books);

    decisions::write_dead(tx, batch, &settled).await?;
    decisions::write_claims(tx, &settled).await?;
    rounds::write_rounds(tx, &books, &settled).await?;
    rounds::write_intents(tx, &settled).await?;
    rounds::write_lines(tx, &books).await?;
    rounds::write_totals(tx, &books, &settled).await?;
    let numbers = orders::write(tx, &settled, moment).await?;
    if settled.unfenced {
        log_position::unfence(tx, &batch.pool_id).await?;
    }
    let rows = told::rows(tx, &books, &settled, &numbers, moment).await?;
    let last_number = match rows.is_empty() {
        true => None,
        false => Some(outbox::append(tx, &batch.pool_id, &rows).await?),
    };
    Ok(Some(Written {
        position: batch.to.clone(),
        claims: settled.claims.len(),
        orders: settled.orders.len(),
        last_number,
        revoked: settled.claims.iter().filter(|claim| !claim.revoked.is_empty()).count(),
        dead: settled.dead.iter().map(|(entry, why)| (entry.id.clone(), why.clone())).collect(),
    }))
}
