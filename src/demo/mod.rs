//! The demo chain: real stores, articles and sales, and what is derived from them by stated rules.
//!
//! This module reads the embedded files and computes; it neither asks a clock nor writes anywhere.
//! Running it twice gives the same chain. `demo/README.md` says in words what `rules` does.

pub mod region;
pub mod rules;

pub mod extract;

pub mod chain;

pub mod plant;

pub mod keeper;
