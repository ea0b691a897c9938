//! What waits for one session: store events in order, state frames merged. Pure, so that it can be tested to the edge.

use crate::domain::ids::RoundId;
use bytestring::ByteString;
use std::collections::{HashMap, VecDeque};

/// A session's queue ends here; a phone that is further behind is cut off and resumes from the ring.
pub const FRAMES_MAX: usize = 64;
pub const BYTES_MAX: usize = 64 * 1024;

/// Which older frame a newer one replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateKey {
    Round(RoundId),
    Board(RoundId),
}

#[derive(Debug)]
enum Item {
    Frame(ByteString),
    /// The frame itself stands in `states`, so that a newer one can take its place without losing the turn.
    State(StateKey),
}

#[derive(Debug, Default)]
pub struct Queue {
    items: VecDeque<Item>,
    states: HashMap<StateKey, ByteString>,
    bytes: usize,
}

/// The queue cannot take this frame without dropping one that must not be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl Queue {
    /// A frame that must arrive, once and in order: a store event, or the answer to the session's own question.
    pub fn push(&mut self, frame: ByteString) -> Result<(), Full> {
        if self.items.len() >= FRAMES_MAX || self.bytes + frame.len() > BYTES_MAX {
            return Err(Full);
        }
        self.bytes += frame.len();
        self.items.push_back(Item::Frame(frame));
        Ok(())
    }

    /// An absolute frame: replaces the one of the same key that still waits. A full queue lets it go, because the next
    /// one says everything again.
    pub fn push_state(&mut self, key: StateKey, frame: ByteString) {
        let size = frame.len();
        if let Some(old) = self.states.get_mut(&key) {
            self.bytes = self.bytes - old.len() + size;
            *old = frame;
        } else if self.items.len() < FRAMES_MAX && self.bytes + size <= BYTES_MAX {
            self.bytes += size;
            self.states.insert(key, frame);
            self.items.push_back(Item::State(key));
        }
    }

    pub fn pop(&mut self) -> Option<ByteString> {
        let frame = match self.items.pop_front()? {
            Item::Frame(frame) => frame,
            Item::State(key) => self.states.remove(&key)?,
        };
        self.bytes -= frame.len();
        Some(frame)
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ROUND: StateKey = StateKey::Round(RoundId(Uuid::nil()));

    #[test]
    fn the_newest_state_takes_the_place_of_the_one_that_waits() {
        let mut queue = Queue::default();
        queue.push_state(ROUND, "old".into());
        queue.push("event".into()).expect("room");
        queue.push_state(ROUND, "newer".into());
        assert_eq!(queue.pop().as_deref(), Some("newer"));
        assert_eq!(queue.pop().as_deref(), Some("event"));
        assert_eq!(queue.pop(), None);
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn a_full_queue_refuses_events_and_lets_states_go() {
        let mut queue = Queue::default();
        for _ in 0..FRAMES_MAX {
            queue.push("x".into()).expect("room");
        }
        assert_eq!(queue.push("x".into()), Err(Full));
        queue.push_state(ROUND, "s".into());
        assert_eq!(queue.len(), FRAMES_MAX);
        let mut queue = Queue::default();
        queue.push("x".repeat(BYTES_MAX).into()).expect("room");
        assert_eq!(queue.push("x".into()), Err(Full));
    }
}
