//! Everything that needs real servers, in one binary.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that finds nothing where something must be has failed, and may say so by unwrapping"
)]

mod structure;

mod api;
mod frames;
mod ledger;
mod line;
mod rounds;
mod scripts;

mod servers;
