//! `graborder config`: the effective settings.

use super::Failure;
use crate::config::Settings;
use std::process::ExitCode;

pub(super) fn run() -> Result<ExitCode, Failure> {
    println!("{}", Settings::load()?.printed()?);
    Ok(ExitCode::SUCCESS)
}
