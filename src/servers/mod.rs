//! Private Redis and Postgres servers for development, tests, the smoke run and the benchmark.
//!
//! Each server lives in one folder, on one free loopback port, and belongs to the process that started it.
//! A small shell, the *guard*, waits beside it for that process to end, by whatever cause, and then stops the server,
//! so that nothing is left running even after `kill -9`. Production never comes here: it names its servers by URL.

mod identity;
mod ports;
mod search;

mod guard;
mod process;

mod program;

mod home;
mod postgres;
mod redis;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

pub use ports::free as free_port;
pub use postgres::{PgOptions, PrivatePostgres};
pub use program::Program;
pub use redis::{PrivateRedis, RedisOptions};
pub use search::Search;

/// Why a private server could not be started, reached or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("{what} {path:?}: {source}")]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("no {0} on this machine: install it, or run scripts/ensure-servers")]
    NotFound(&'static str),
    #[error("{0:?} belongs to another running process")]
    InUse(PathBuf),
    #[error("no user that may run postgres: root needs a `postgres` or `nobody` account")]
    NoUser,
    #[error("no folder that the user running postgres can reach")]
    NoFolder,
    #[error("{name} ended with {status}; its log ends with:\n{log_tail}")]
    Ended { name: &'static str, status: ExitStatus, log_tail: String },
    #[error("{name} did not answer within {seconds} s; its log ends with:\n{log_tail}")]
    Silent { name: &'static str, seconds: u64, log_tail: String },
    #[error("{what} failed: {detail}")]
    Tool { what: &'static str, detail: String },
    #[error("not a plain database name: {0:?}")]
    DatabaseName(String),
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
}

pub type Result<T> = std::result::Result<T, ServerError>;

/// Gives an I/O error the sentence and the path it lacks.
fn at<'a>(what: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> ServerError + 'a {
    move |source| ServerError::Io { what, path: path.to_owned(), source }
}
