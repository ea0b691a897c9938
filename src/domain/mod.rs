//! The business, pure and synchronous. Knows no Redis, no Postgres, no socket and no clock but `clock`.

pub mod clock;
pub mod identity;
pub mod ids;
pub mod lang;
pub mod named;
pub mod role;
pub mod texts;
pub mod webhook;

pub mod account;
pub mod admin_action;
pub mod code;
pub mod message;
pub mod provider;

mod arithmetic;
pub mod caps;
pub mod need;
pub mod pack;
pub mod score;

pub mod chain;
pub mod claim;
pub mod heat;
pub mod reason;
pub mod round;
pub mod round_step;

pub mod event;
pub mod export;
pub mod import;
pub mod import_fault;
pub mod order;
