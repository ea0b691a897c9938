//! The last minutes of every store's events, so that a phone back from a lift gets exactly what it missed.

use crate::domain::{clock::UnixMs, ids::StoreId};
use bytestring::ByteString;
use std::collections::{HashMap, VecDeque};

/// Events older than this are forgotten: a resume is promised for two minutes, and nodes start with five.
pub const KEEP_MS: i64 = 5 * 60 * 1000;
/// And so are all but these of a store, so that no store's past grows without bound; it is told some of them a minute.
pub const KEEP_MAX: usize = 4_096;

#[derive(Debug, Default)]
pub struct Ring {
    stores: HashMap<StoreId, Store>,
}

#[derive(Debug, Default)]
struct Store {
    /// Number of the newest event, whether still kept or not.
    head: i64,
    kept: VecDeque<(i64, UnixMs, ByteString)>,
}

impl Store {
    fn keep(&mut self, store_seq: i64, at_ms: UnixMs, frame: ByteString) {
        if self.kept.len() >= KEEP_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back((store_seq, at_ms, frame));
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// Exactly what was missed, in order; often nothing.
    Frames(Vec<ByteString>),
    /// Too long ago, or more than is kept: read everything over HTTP, as of this event.
    Snapshot(i64),
    /// The client has seen more than this node has: its node was ahead of ours.
    Ahead,
}

impl Ring {
    /// The newest number of a store as the node starts, before any event is added.
    pub fn start_at(&mut self, store_id: StoreId, head: i64) {
        let store = self.stores.entry(store_id).or_default();
        store.head = store.head.max(head);
    }

    /// Keeps an event; a number that is not above the head was seen before and is ignored.
    pub fn add(&mut self, store_id: StoreId, store_seq: i64, at_ms: UnixMs, frame: ByteString) -> bool {
        let store = self.stores.entry(store_id).or_default();
        if store_seq <= store.head {
            return false;
        }
        store.head = store_seq;
        store.keep(store_seq, at_ms, frame);
        true
    }

    /// Keeps an event from before the node's start, for resumes only.
    pub fn add_past(&mut self, store_id: StoreId, store_seq: i64, at_ms: UnixMs, frame: ByteString) {
        self.stores.entry(store_id).or_default().keep(store_seq, at_ms, frame);
    }

    pub fn head(&self, store_id: StoreId) -> i64 {
        self.stores.get(&store_id).map_or(0, |store| store.head)
    }

    pub fn replay(&self, store_id: StoreId, have: i64) -> Replay {
        let Some(store) = self.stores.get(&store_id) else {
            return if have == 0 { Replay::Frames(Vec::new()) } else { Replay::Ahead };
        };
        if have > store.head {
            return Replay::Ahead;
        }
        let missed = usize::try_from(store.head.saturating_sub(have)).unwrap_or(usize::MAX);
        if missed > store.kept.len() {
            return Replay::Snapshot(store.head);
        }
        let from = store.kept.len() - missed;
        // Kept numbers are dense, so the last `missed` of them are exactly those after `have`.
        Replay::Frames(store.kept.range(from..).map(|(_, _, frame)| frame.clone()).collect())
    }

    /// Forgets what is too old.
    pub fn forget(&mut self, now_ms: UnixMs) {
        for store in self.stores.values_mut() {
            while store.kept.front().is_some_and(|(_, at_ms, _)| *at_ms < now_ms - KEEP_MS) {
                store.kept.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_resume_gets_exactly_what_it_missed_and_never_a_gap() {
        let store = StoreId(Uuid::nil());
        let mut ring = Ring::default();
        ring.start_at(store, 10);
        for seq in 11..=20 {
            assert!(ring.add(store, seq, seq * 1000, seq.to_string().into()));
        }
        assert!(!ring.add(store, 20, 0, "again".into()));
        assert_eq!(ring.replay(store, 18), Replay::Frames(vec!["19".into(), "20".into()]));
        assert_eq!(ring.replay(store, 20), Replay::Frames(vec![]));
        assert_eq!(ring.replay(store, 9), Replay::Snapshot(20));
        assert_eq!(ring.replay(store, 21), Replay::Ahead);
        assert_eq!(ring.replay(store, i64::MIN), Replay::Snapshot(20));
        ring.forget(KEEP_MS + 15_000);
        assert_eq!(ring.replay(store, 13), Replay::Snapshot(20));
        assert_eq!(ring.replay(store, 14), Replay::Frames((15..=20).map(|n| n.to_string().into()).collect()));
    }
}
