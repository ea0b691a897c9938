//! The wire: `graborder.v1`, JSON text frames `{"t": type, …}`. Described in `docs/asyncapi.yaml`.

pub mod close;
pub mod inbound;
pub mod outbound;

pub use close::CloseCode;
pub use inbound::In;
pub use outbound::Out;

pub const SUBPROTOCOL: &str = "graborder.v1";
/// One frame from a client, at most. A basket of 20 lines is below 2 KiB.
pub const FRAME_BYTES_MAX: usize = 4096;
/// Client `ping` and protocol ping are due this often unless the operator wants it otherwise; silence of `SILENCE_MS_MAX`,
/// or as many heartbeats, ends the session.
pub const HEARTBEAT_MS: i64 = 20_000;
pub const SILENCE_MS_MAX: i64 = 45_000;
/// A connection must say hello within this time.
pub const HELLO_MS_MAX: i64 = 5_000;
