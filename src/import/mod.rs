//! Files become records, and records become books: a table is read cell by cell, each row is checked, and what is wrong is
//! told by its cell. Reading never writes to the chain's tables; a confirmed job writes all of it in one transaction.
//!
//! The file itself waits in Postgres, so that any node can take a job up. It is read again when it is confirmed, because
//! the books may have moved: what was shown and what is written come from the same code.

mod cells;
mod columns;
mod csv;
mod encoding;
mod faults;
mod job;
mod judge;
mod preview;
mod reading;
mod records;
mod table;
mod values;
mod worker;
mod xlsx;

mod check;

pub use job::{Confirmed, Given, Handed, confirm, hand_in};
pub use preview::{Preview, SeenColumn, SeenRow};
pub use table::{cell_at, cell_name};
pub use worker::{Worker, WorkerConfig};

/// Of one file.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Below the header.
pub const ROWS_MAX: u32 = 500_000;
/// More than any ERP writes.
pub const COLUMNS_MAX: usize = 200;
pub const CELL_BYTES_MAX: usize = 32 * 1024;
/// Of a workbook, all parts together: 500,000 rows of ten short cells have some 150 MB.
pub const UNPACKED_BYTES_MAX: u64 = 256 * 1024 * 1024;
