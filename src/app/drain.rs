//! Sending sessions away before a node stops: in waves, each told by itself when to come back, so that the other nodes
//! meet a stream and not a herd.

use crate::{protocol::CloseCode, push::Hub};
use rand::seq::SliceRandom;
use std::time::Duration;

const WAVES: u32 = 10;
/// Somebody sent away comes back after this, and after a draw on top of it.
const BACK_AFTER_MS: i64 = 100;
const BACK_SPREAD_MS: i64 = 1_000;
/// For the last ones to take their leave: a claim's answer still on its way, a slow close.
const LAST_LEAVE: Duration = Duration::from_secs(2);

pub(super) async fn drain(hub: &Hub, over: Duration) {
    let mut sessions = hub.sessions();
    tracing::info!(sessions = sessions.len(), "sending sessions away");
    sessions.shuffle(&mut rand::rng());
    let wave = sessions.len().div_ceil(WAVES as usize).max(1);
    for leaving in sessions.chunks(wave) {
        for session in leaving {
            let back_after_ms = BACK_AFTER_MS + rand::random_range(0..BACK_SPREAD_MS);
            hub.end(*session, CloseCode::Restart, Some(back_after_ms));
        }
        tokio::time::sleep(over / WAVES).await;
    }
    let until = tokio::time::Instant::now() + LAST_LEAVE;
    while hub.session_count() > 0 && tokio::time::Instant::now() < until {
        // Some said hello only after the list was made.
        for late in hub.sessions() {
            hub.end(late, CloseCode::Restart, Some(BACK_AFTER_MS));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
