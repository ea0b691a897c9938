//! All SQL, and nothing else. Query text stands beside the function that runs it; lower case, one thought a line.
//!
//! Functions take `&mut PgConnection`, so that the caller owns the transaction. Lock order, everywhere: pool, round,
//! lines, orders, stock levels, counters, users, `pool_out` (corner: two transactions that keep it cannot deadlock).

mod area;
pub mod at;
pub mod catalogue;
pub mod db;

pub mod seed;
pub mod synthetic;

pub mod counters;
pub mod exports;
pub mod kpis;
pub mod leases;
pub mod need;
pub mod need_rows;
pub mod need_runs;
pub mod need_views;
pub mod pools;
pub mod rights;
pub mod rival;
pub mod round_head;
pub mod round_list;
pub mod round_report;
pub mod round_views;
pub mod rounds;
pub mod shortage;
pub mod tally;

pub mod ledger;
pub mod log_position;
pub mod outbox;

pub mod order_views;
pub mod orders;
pub mod shipments;

pub mod auth_versions;
pub mod stock;
pub mod tx;

pub mod admin_actions;
pub mod first_start;
pub mod invites;
pub mod lock_out;
pub mod sign_ins;
pub mod tokens;
pub mod user_edit;
pub mod user_list;
pub mod users;
pub mod webhooks;

pub mod consents;
pub mod identities;
pub mod messages;

pub mod outbox_tail;
pub mod status;
pub mod trouble;
pub mod verdicts;

pub mod audit;
pub mod chain;

pub mod imports;

pub use at::At;
pub use db::Db;
pub use tx::Tx;

/// What can go wrong below: the database itself. Constraints that mean something to the business are mapped by name
/// where they can occur.
pub type Error = sqlx::Error;
pub type Result<T> = std::result::Result<T, Error>;
