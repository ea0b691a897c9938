//! The durable log between Redis and Postgres: what the scripts appended, read in order and without a consumer group. Where
//! the reader stands is known to Postgres alone, so position and effect move together.

mod entry;
mod reader;

pub use entry::{Entry, EntryKind};
pub use reader::LogReader;
