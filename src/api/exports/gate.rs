//! Exports wait for each other, so that they never take the connections that a live round needs.

use crate::api::problem::{Kind, Problem};
use std::time::Duration;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// Pages read at once on this node, of whatever file.
static READING: Semaphore = Semaphore::const_new(2);
/// Workbooks made at once: each is packed on a core of its own.
static MAKING: Semaphore = Semaphore::const_new(1);
/// Who waits longer is told to come back.
const PATIENCE: Duration = Duration::from_secs(20);

/// A turn to read a page. It is given back within the time limit of a statement, so nobody waits long.
pub async fn to_read() -> Option<SemaphorePermit<'static>> {
    // Nobody closes the gate.
    READING.acquire().await.ok()
}

/// A turn to make a workbook.
pub async fn to_make() -> Result<SemaphorePermit<'static>, Problem> {
    let busy = || Problem::new(Kind::Overloaded).retry_after(5_000);
    timeout(PATIENCE, MAKING.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())
}
