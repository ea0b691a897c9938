//! What can be asked of the binary. Each command is a file.

mod bench;
mod config;
mod create_admin;
mod dev;
mod import;
mod migrate;
mod needs;
mod private;
mod seed;
mod serve;
mod verify;

use clap::{Parser, Subcommand, ValueEnum};
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(
    name = "graborder",
    version,
    about = "抢单：连锁门店实时分货的服务器 / shares scarce stock among a chain's stores, live"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve with the configured Redis and Postgres.
    Serve {
        /// What this node does; everything if not named.
        #[arg(long = "role", value_enum, value_delimiter = ',')]
        roles: Vec<Role>,
    },
    /// The demo chain on private servers of its own: everything `make run` shows.
    Dev(dev::Options),
    /// Private servers with the demo chain and no node: for load tests and benchmarks.
    Private(private::Options),
    /// Bring the configured database to this version's tables.
    Migrate {
        /// Give this database role what a node needs, and no right to change what was decided.
        #[arg(long)]
        app_role: Option<String>,
    },
    /// Plant the demo chain into the configured, empty database, and print its logins.
    Seed {
        /// Where to write the logins as JSON.
        #[arg(long)]
        logins: Option<PathBuf>,
    },
    /// Make an administrator in the configured database; the password is asked for, or read from standard input.
    CreateAdmin(create_admin::Options),
    /// Read a CSV or XLSX into the configured database: shows what it found, and takes it over with --confirm.
    Import(import::Options),
    /// Recompute the books of the configured database: chains, stock, sums. Prints one JSON line.
    Verify,
    /// Speed as ratios to references measured in the same run; `bench smoke`: the promises in a rush with a killed node.
    Bench(bench::Options),
    /// Compute the need of every store for every SKU that it lists, once; prints one JSON line.
    Needs,
    /// Print the effective settings, secrets blacked out.
    Config,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Sockets and HTTP.
    Web,
    /// From the log into the books.
    Writer,
    /// The life of rounds.
    Rounds,
}

/// Ends with 0 when everything went as asked, 1 when it did not, 2 for a wrong call.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Serve { roles } => serve::run(&roles),
        Command::Dev(options) => dev::run(options),
        Command::Private(options) => private::run(options),
        Command::Migrate { app_role } => migrate::run(app_role.as_deref()),
        Command::Seed { logins } => seed::run(logins),
        Command::CreateAdmin(options) => create_admin::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Verify => verify::run(),
        Command::Bench(options) => bench::run(options),
        Command::Needs => needs::run(),
        Command::Config => config::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("graborder: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What a command fails with: a sentence for the person who typed it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The runtime of everything but the HTTP workers, which have their own.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
