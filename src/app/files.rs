//! How many files this process may hold open, and so how many connections: each costs two.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// For servers, logs and pages.
const OWN: u64 = 128;
const A_CONNECTION: u64 = 2;
/// Below this a shop's chain on one node is no surprise; the operator should know.
const FEW: usize = 2_000;
/// More is not served by one node.
const ENOUGH: u64 = 200_000;

/// Raises the soft limit as far as it goes, and tells how many connections then fit.
pub(super) fn connections_max() -> io::Result<usize> {
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(ENOUGH).min(ENOUGH);
    let soft = limit.current.unwrap_or(ENOUGH);
    if soft < hard {
        setrlimit(Resource::Nofile, Rlimit { current: Some(hard), maximum: limit.maximum })?;
    }
    let files = soft.max(hard);
    let fit = usize::try_from(files.saturating_sub(OWN) / A_CONNECTION).unwrap_or(usize::MAX).max(16);
    if fit < FEW {
        tracing::warn!(
            files,
            connections = fit,
            "few files may be open here: raise the limit (ulimit -n, LimitNOFILE)"
        );
    }
    Ok(fit)
}
