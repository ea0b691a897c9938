//! `graborder bench`: how fast it is, as ratios to references measured in the same run; `bench smoke`: whether the promises
//! hold in a rush with a node killed in its midst.

mod http;
mod machine;
mod scratch;
mod smoke;

use super::Failure;
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Two nodes, 300 stores, one hot round, one node killed in mid-rush; prints one JSON line, ends with 1 if a promise broke.
    Smoke(smoke::Options),
}

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    match options.what {
        What::Smoke(options) => smoke::run(options),
    }
}

/// A line for whoever watches; results go to standard output alone.
fn say(what: impl std::fmt::Display) {
    eprintln!("graborder: {what}");
}
