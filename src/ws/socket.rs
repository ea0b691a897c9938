//! A socket as the session's loop sees it. Tests drive the loop with a scripted one.

use crate::protocol::CloseCode;
use bytestring::ByteString;
use std::future::Future;

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    Text(ByteString),
    /// A protocol ping or pong: the peer is alive, pings are answered by the socket itself.
    Alive,
    /// Something that is not a text frame of at most 4 KiB in good UTF-8: nothing after it can be trusted.
    Bad(CloseCode),
    /// The peer closed, or the line broke.
    Gone,
}

/// The peer no longer takes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

pub trait Socket {
    fn receive(&mut self) -> impl Future<Output = Incoming>;
    /// Sends a text frame; fails when the peer has made no progress for five seconds.
    fn send(&mut self, frame: ByteString) -> impl Future<Output = Result<(), Gone>>;
    fn ping(&mut self) -> impl Future<Output = Result<(), Gone>>;
    /// Sends the close frame if the peer still takes it, and ends the connection down to TCP.
    fn close(self, code: CloseCode) -> impl Future<Output = ()>;
}
