//! `graborder bench`: how fast it is, as ratios to references measured in the same run; `bench smoke`: whether the promises
//! hold in a rush with a node killed in its midst; `bench sessions`: whether they hold over lines that fail and nodes that go.

mod crowd;
mod echo;
mod figures;
mod http;
mod machine;
mod needs;
mod nodes;
mod round;
mod scratch;
mod sessions;
mod smoke;

use super::Failure;
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    figures: figures::Options,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Two nodes, 300 stores, one hot round, one node killed in mid-rush; prints one JSON line, ends with 1 if a promise broke.
    Smoke(smoke::Options),
    /// Phones that lose their line, stall, and storm; nodes that restart in mid-round; prints one JSON line, ends with 1 if a
    /// promise broke.
    Sessions(sessions::Options),
    /// The need of a chain of 670 stores and 3,063 SKUs, on a private Postgres; prints one JSON line.
    Needs(needs::Options),
    /// The reference servers of the figures.
    #[command(hide = true)]
    Echo(echo::Options),
}

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    match options.what {
        None => figures::run(options.figures),
        Some(What::Smoke(options)) => smoke::run(options),
        Some(What::Sessions(options)) => sessions::run(options),
        Some(What::Needs(options)) => needs::run(options),
        Some(What::Echo(options)) => echo::run(options),
    }
}

/// A line for whoever watches; results go to standard output alone.
fn say(what: impl std::fmt::Display) {
    eprintln!("graborder: {what}");
}
