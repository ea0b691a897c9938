//! Who is online, over all nodes: each node says its own numbers every second and hears the sum.

use crate::hot::HotPool;
use crate::push::{Hub, hub::Online};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(super) async fn run(hot: HotPool, hub: Arc<Hub>, stop: CancellationToken) {
    let node = Uuid::now_v7().to_string();
    let mut well = true;
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = stop.cancelled() => break,
        }
        let own = hub.own_presence();
        match hot.presence_beat(&node, own.sessions, own.stores).await {
            Ok(all) => {
                well = true;
                hub.set_online(Online { sessions: all.sessions, stores: all.stores });
            }
            // Only a number on the board: told once.
            Err(error) if well => {
                well = false;
                tracing::warn!(%error, "presence could not be shared");
            }
            Err(_) => {}
        }
    }
    if let Err(error) = hot.presence_leave(&node).await {
        tracing::debug!(%error, "presence could not be taken back; it ends by itself in five seconds");
    }
}
