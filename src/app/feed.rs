//! From the outbox to the mailboxes: one follower a pool, handing rows to this node's hub.

use super::tasks::Tasks;
use crate::{
    auth::AuthVersions,
    domain::{clock, event::StateEvent, ids::PoolId},
    events::{self, Follower, Kind, Row, Started},
    hot::HotPool,
    push::Hub,
    storage::Db,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// Rows on their way to the hub. It takes them at memory speed; should it ever lag, the follower waits, not the books.
const ROWS_WAITING: usize = 1_024;

/// Tells the hub where every store stands, and the doors who was changed, and spawns what keeps them told.
pub(super) async fn start(
    db: Db,
    hot: HotPool,
    pool: PoolId,
    hub: Arc<Hub>,
    versions: AuthVersions,
    tasks: &Tasks,
) -> Result<(), events::Error> {
    let Started { follower, recent, states, users } = Follower::start(db, pool).await?;
    for (user_id, auth_version) in users {
        versions.raise(user_id, auth_version);
    }
    for row in recent {
        recall(&hub, &versions, row);
    }
    for row in states {
        deliver(&hub, &versions, row);
    }
    for (store_id, head) in follower.heads().all() {
        hub.start_at(store_id, head);
    }
    let hint = Arc::new(Notify::new());
    let (rows, inbox) = mpsc::channel(ROWS_WAITING);
    tasks.spawn_named("outbox_hints", hints(hot, Arc::clone(&hint), tasks.stop.clone()));
    tasks.spawn_named("feed", feed(hub, versions, inbox));
    let stop = tasks.stop.clone();
    tasks.spawn_named("outbox_follower", async move {
        if let Err(fault) = follower.run(stop, hint, rows).await {
            tracing::error!(%fault, "the outbox can no longer be followed");
        }
    });
    Ok(())
}

/// Ends when the follower has ended and everything it had read was told.
async fn feed(hub: Arc<Hub>, versions: AuthVersions, mut inbox: mpsc::Receiver<Row>) {
    while let Some(row) = inbox.recv().await {
        deliver(&hub, &versions, row);
    }
}

/// Wakes the follower at every hint. Hints may be lost; the follower looks by itself every 25 ms.
async fn hints(hot: HotPool, hint: Arc<Notify>, stop: CancellationToken) {
    let mut hints = hot.hints();
    loop {
        tokio::select! {
            _number = hints.next() => hint.notify_one(),
            () = stop.cancelled() => return,
        }
    }
}

/// Sends merged states when they are due, and forgets what is old.
pub(super) async fn flush(hub: Arc<Hub>, stop: CancellationToken) {
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    let mut beats = 0_u32;
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = stop.cancelled() => return,
        }
        hub.flush(clock::now_ms());
        beats = beats.wrapping_add(1);
        if beats.is_multiple_of(200) {
            hub.tidy(clock::now_ms());
        }
    }
}

/// Hands a new row to whoever hears it.
fn deliver(hub: &Hub, versions: &AuthVersions, row: Row) {
    let at_ms = row.at.timestamp_millis();
    match row.kind {
        Kind::Store { store_id, store_seq, event } => hub.store_event(store_id, store_seq, at_ms, &event),
        Kind::State { event: StateEvent::Round(status), audience, .. } => {
            hub.round_status(row.number, audience, status)
        }
        Kind::State { event: StateEvent::Board(figures), audience, .. } => {
            hub.board_figures(row.number, audience, figures);
        }
        // The doors first: a session that the hub does not know yet looks at them once it does.
        Kind::User { user_id, auth_version } => {
            versions.raise(user_id, auth_version);
            hub.end_changed(user_id, auth_version);
        }
    }
}

/// Keeps a row from before the node's start for those who resume; newest states are told like new ones.
fn recall(hub: &Hub, versions: &AuthVersions, row: Row) {
    let at_ms = row.at.timestamp_millis();
    match row.kind {
        Kind::Store { store_id, store_seq, event } => hub.past_event(store_id, store_seq, at_ms, &event),
        Kind::State { .. } | Kind::User { .. } => deliver(hub, versions, row),
    }
}
