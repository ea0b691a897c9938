//! Forgets devices that nobody has used for long: the books keep who did what, not who once held which phone.

use crate::{
    domain::clock,
    storage::{self, Db, sign_ins},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(3600);
/// After the last token of a device has expired it stays in the list of devices for so long.
const KEPT: chrono::Duration = chrono::Duration::days(30);
/// Few enough that no lock is felt.
const AT_ONCE: i64 = 1_000;

/// `refresh` is how long a token is good for.
pub(super) async fn run(db: Db, refresh: chrono::Duration, stop: CancellationToken) {
    loop {
        if let Err(error) = forget(&db, refresh).await {
            tracing::warn!(%error, "old devices could not be forgotten; the next hour tries again");
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn forget(db: &Db, refresh: chrono::Duration) -> storage::Result<()> {
    let before = clock::now() - refresh - KEPT;
    let mut connection = db.0.acquire().await?;
    while sign_ins::forget(&mut connection, before, AT_ONCE).await? > 0 {}
    Ok(())
}
