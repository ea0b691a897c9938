//! From order to shelf, one verb a file, each one transaction: lock, check, move stock, write the timeline, tell the store.
//!
//! ```text
//! order     APPROVED ─→ SHIPPED ──────────────────────────→ RECEIVED      (or APPROVED ─→ CANCELLED)
//! shipment  PLANNED ─→ DISPATCHED ─→ IN_TRANSIT ─→ ARRIVED ─→ RECEIVED, RECEIVED_WITH_DIFFERENCE
//! ```
//!
//! Saying the same again is answered as the first time; saying something else about a step that was done is refused.

mod error;
mod step;

mod cancel;
mod dispatch;

mod arrive;
mod in_transit;

mod receive;

pub use error::{BadFigure, FulfilError, What};
pub use step::{Actor, Done};

pub use cancel::cancel;
pub use dispatch::{Dispatch, ShippedLine, dispatch};

pub use arrive::arrive;
pub use in_transit::in_transit;

pub use receive::{CountedLine, receive};
