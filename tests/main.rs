//! Everything that needs real servers, in one binary.

mod ledger;
mod rounds;
mod scripts;
