//! graborder (抢单): the real-time server with which a retail chain shares scarce stock among its stores.
//! The modules stand in the order in which a claim travels.

pub mod protocol;

pub mod api;

pub mod fulfil;
pub mod rounds;

pub mod events;
pub mod push;

pub mod stream;
pub mod writer;

pub mod auth;

pub mod storage;

pub mod hot;

pub mod domain;

/// The demo chain: real figures and what stated rules derive from them.
pub mod demo;

/// Private servers for development, tests and benchmarks.
pub mod servers;
