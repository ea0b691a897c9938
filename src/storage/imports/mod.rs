//! Import jobs: the file and what was found in it, the work on it, and what each kind writes and can take back.

pub mod books;
pub mod counted;
pub mod faults;
pub mod file;
pub mod jobs;
pub mod prices;
pub mod sales_lines;
pub mod sales_totals;
pub mod skus;
pub mod stores;
pub mod undo;
pub mod work;

use super::Result;
use sqlx::PgConnection;

/// Takings-over and takings-back come one after the other in the whole chain: two files about the same goods cannot
/// deadlock, and the later one sees what the earlier one wrote. Everything else goes on.
pub async fn one_at_a_time(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("set local lock_timeout = '60s'").execute(&mut *tx).await?;
    sqlx::query("set local statement_timeout = '120s'").execute(&mut *tx).await?;
    sqlx::query("select pg_advisory_xact_lock(hashtext('graborder imports apply'))").execute(&mut *tx).await?;
    // Rows and levels that a claim's order may wait for are not waited for so long.
    sqlx::query("set local lock_timeout = '10s'").execute(tx).await.map(|_| ())
}

/// Comparing half a million rows takes longer than a claim's transaction may.
pub async fn take_time(tx: &mut PgConnection) -> Result<()> {
    sqlx::query("set local statement_timeout = '60s'").execute(tx).await.map(|_| ())
}
