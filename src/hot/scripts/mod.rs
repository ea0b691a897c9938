//! The Lua scripts, one file each: embedded, called by their hash, typed on both sides. A reply that is not one of the words
//! that a script promises is an error, never a default.

mod call;

mod claim;
mod round;

mod release;
mod written;

mod grabbing;

mod chunks;
mod warm;

mod bless;
mod drop_log;
mod rebuild;

pub use bless::BlessReply;
pub use claim::{ClaimAnswer, ClaimReply, Claimer};
pub use rebuild::RebuildReply;
pub use release::ReleaseReply;
pub use round::{IgnoredWhy, RoundReply};
pub use warm::WarmReply;
pub use written::ReportReply;
