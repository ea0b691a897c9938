//! A session's mailbox: the hub puts in and never waits, the session's loop takes out and waits.

use super::queue::{Full, Queue, StateKey};
use crate::protocol::CloseCode;
use bytestring::ByteString;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What the session's loop finds in its mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mail {
    Frame(ByteString),
    /// The session is to end: whatever still waited is not sent.
    End {
        code: CloseCode,
        reconnect_after_ms: Option<i64>,
    },
}

#[derive(Debug, Default)]
pub struct Mailbox {
    inside: Mutex<Inside>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    queue: Queue,
    end: Option<(CloseCode, Option<i64>)>,
}

impl Mailbox {
    /// Puts in a frame that must arrive; without room for it the session ends, and resumes where it was.
    pub fn put(&self, frame: ByteString) {
        let mut inside = self.lock();
        if let Err(Full) = inside.queue.push(frame) {
            inside.end.get_or_insert((CloseCode::TooSlow, None));
            metrics::counter!("ws_sessions_too_slow_total").increment(1);
        }
        drop(inside);
        self.arrived.notify_one();
    }

    pub fn put_state(&self, key: StateKey, frame: ByteString) {
        self.lock().queue.push_state(key, frame);
        self.arrived.notify_one();
    }

    /// Ends the session; the first reason stays.
    pub fn end(&self, code: CloseCode, reconnect_after_ms: Option<i64>) {
        self.lock().end.get_or_insert((code, reconnect_after_ms));
        self.arrived.notify_one();
    }

    /// The next mail. Cancel-safe: what is not returned stays.
    pub async fn next(&self) -> Mail {
        loop {
            // `notify_one` leaves a permit when nobody waits, so a mail put in between look and wait is not missed.
            let arrived = self.arrived.notified();
            {
                let mut inside = self.lock();
                if let Some((code, reconnect_after_ms)) = inside.end {
                    return Mail::End { code, reconnect_after_ms };
                }
                if let Some(frame) = inside.queue.pop() {
                    return Mail::Frame(frame);
                }
            }
            arrived.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // The lock guards plain data that is whole after every statement, so a poisoned one is as good.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
