//! Who hears what. `events` hands in rows of the outbox; each session takes frames from its own mailbox.
//!
//! `push` never waits: a mailbox that is full ends its session, and nobody else notices. It does not know sockets.

pub mod hub;
pub mod mailbox;
pub mod queue;
pub mod ring;

pub use hub::{Hub, Joined, SessionId};
pub use mailbox::{Mail, Mailbox};
