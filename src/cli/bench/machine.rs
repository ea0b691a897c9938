//! What the kernel tells of processes: resident memory and time on a processor. Only Linux tells it this way; elsewhere
//! there is no figure rather than a wrong one.

use std::fs;

/// Resident memory in MiB, to one digit.
pub(super) fn rss_mb(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kib / 102.4).round() / 10.0)
}
