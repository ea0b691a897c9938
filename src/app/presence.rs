//! Who is online, over all nodes: each node writes its own numbers every second and reads the others'.

use crate::domain::clock;
use crate::hot::HotPool;
use crate::push::{Hub, hub::Online};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// A node that has not written for so long has gone.
const STALE_MS: i64 = 5_000;

pub(super) async fn run(hot: HotPool, hub: Arc<Hub>, stop: CancellationToken) {
    let node = Uuid::now_v7().to_string();
    let mut well = true;
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = stop.cancelled() => return,
        }
        let now_ms = clock::now_ms();
        let own = hub.own_presence();
        let all = async {
            hot.presence_write(&node, now_ms, own.sessions, own.stores).await?;
            hot.presence_read().await
        };
        match all.await {
            Ok(nodes) => {
                well = true;
                let alive = nodes.iter().filter(|node| now_ms - node.at_ms < STALE_MS);
                hub.set_online(alive.fold(Online::default(), |sum, node| Online {
                    sessions: sum.sessions + node.sessions,
                    stores: sum.stores + node.stores,
                }));
            }
            // Only a number on the board: told once, and its age shows there.
            Err(error) if well => {
                well = false;
                tracing::warn!(%error, "presence could not be shared");
            }
            Err(_) => {}
        }
    }
}
