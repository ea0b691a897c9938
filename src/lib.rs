//! graborder (抢单): the real-time server with which a retail chain shares scarce stock among its stores.
//! The modules stand top floor first; a claim travels down to Redis, through the log into the books, and up again.

pub mod cli;

pub mod app;
pub mod config;

pub mod api;
pub mod ws;

pub mod fulfil;
pub mod import;
pub mod needs;
pub mod rounds;

pub mod events;
pub mod push;

pub mod auth;
pub mod channels;
pub mod grab;
pub mod webhooks;
pub mod writer;

pub mod stream;

pub mod hot;
pub mod storage;

pub mod protocol;

pub mod domain;

/// The demo chain: real figures and what stated rules derive from them.
pub mod demo;

/// Private servers for development, tests and benchmarks.
pub mod servers;
