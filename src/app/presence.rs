//! Who is online, over all nodes: each node writes its own numbers every second and reads the others'.

use crate::domain::clock;
use crate::hot::{HotError, HotPool};
use crate::push::{Hub, hub::Online};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A node that has not written for so long does not count; after a hundred times that it is forgotten.
const STALE_MS: i64 = 5_000;

pub(super) async fn run(hot: HotPool, hub: Arc<Hub>, stop: CancellationToken) {
    let node = Uuid::now_v7().to_string();
    let mut well = true;
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = stop.cancelled() => break,
        }
        match beat(&hot, &node, hub.own_presence()).await {
            Ok(all) => {
                well = true;
                hub.set_online(all);
            }
            // Only a number on the board: told once.
            Err(error) if well => {
                well = false;
                tracing::warn!(%error, "presence could not be shared");
            }
            Err(_) => {}
        }
    }
    if let Err(error) = hot.presence_drop(&node).await {
        tracing::debug!(%error, "presence could not be taken back; it ends by itself");
    }
}

async fn beat(hot: &HotPool, node: &str, own: Online) -> Result<Online, HotError> {
    let now_ms = clock::now_ms();
    hot.presence_write(node, now_ms, own.sessions, own.stores).await?;
    let mut all = Online::default();
    for other in hot.presence_read().await? {
        let age_ms = now_ms - other.at_ms;
        if age_ms < STALE_MS {
            all.sessions += other.sessions;
            all.stores += other.stores;
        } else if age_ms > 100 * STALE_MS {
            hot.presence_drop(&other.node).await?;
        }
    }
    Ok(all)
}
