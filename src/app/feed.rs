//! From the outbox to the mailboxes: one follower a pool, handing rows to this node's hub.

use crate::domain::event::StateEvent;
use crate::events::{Kind, Row};
use crate::push::Hub;

/// Hands a new row to whoever hears it.
pub fn deliver(hub: &Hub, row: Row) {
    let at_ms = row.at.timestamp_millis();
    match row.kind {
        Kind::Store { store_id, store_seq, event } => hub.store_event(store_id, store_seq, at_ms, &event),
        Kind::State { event: StateEvent::Round(status), audience, .. } => hub.round_status(row.number, audience, status),
        Kind::State { event: StateEvent::Board(figures), audience, .. } => {
            hub.board_figures(row.number, audience, figures);
        }
    }
}

/// Keeps a row from before the node's start for those who resume; newest states are told like new ones.
pub fn recall(hub: &Hub, row: Row) {
    let at_ms = row.at.timestamp_millis();
    match row.kind {
        Kind::Store { store_id, store_seq, event } => hub.past_event(store_id, store_seq, at_ms, &event),
        Kind::State { .. } => deliver(hub, row),
    }
}
