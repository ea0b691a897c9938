//! What the kernel tells of processes and of the machine: resident memory, time on a processor, its name. Only Linux tells
//! it this way; elsewhere there is no figure rather than a wrong one.

use serde::Serialize;
use std::{fs, time::Instant};

/// The kernel counts processor time in hundredths of a second.
const TICKS_PER_S: f64 = 100.0;

/// Resident memory in MiB, to one digit.
pub(super) fn rss_mb(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kib / 102.4).round() / 10.0)
}

/// Whose time is looked at while something is measured. The measuring process is always among them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watched {
    pub(super) server: Option<u32>,
    pub(super) redis: Option<u32>,
    pub(super) postgres: Option<u32>,
    pub(super) writer: Option<u32>,
}

/// Processor seconds so far.
pub(super) struct Look {
    at: Instant,
    seconds: [Option<f64>; 5],
}

/// Shares of one core between two looks, in percent.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Busy {
    pub(super) server: Option<f64>,
    pub(super) redis: Option<f64>,
    pub(super) postgres: Option<f64>,
    pub(super) writer: Option<f64>,
    /// The load itself, or whatever else the measuring process did.
    pub(super) generator: Option<f64>,
}

impl Watched {
    pub(super) fn look(&self) -> Look {
        let one = |pid: Option<u32>| pid.and_then(|pid| seconds(&pid.to_string(), false));
        let postgres = self.postgres.and_then(family_seconds);
        let seconds = [one(self.server), one(self.redis), postgres, one(self.writer), seconds("self", false)];
        Look { at: Instant::now(), seconds }
    }
}

impl Look {
    pub(super) fn since(&self, before: &Self) -> Busy {
        let wall = (self.at - before.at).as_secs_f64();
        let share = |i: usize| match (self.seconds[i], before.seconds[i]) {
            (Some(now), Some(then)) if wall > 0.0 => Some(((now - then) / wall * 1000.0).round() / 10.0),
            _ => None,
        };
        Busy { server: share(0), redis: share(1), postgres: share(2), writer: share(3), generator: share(4) }
    }
}

/// User and system time of a process, with those of its ended children if asked for.
fn seconds(pid: &str, with_ended_children: bool) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything, so counting begins behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let until = if with_ended_children { 15 } else { 13 };
    let ticks: f64 = fields.get(11..until)?.iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Some(ticks / TICKS_PER_S)
}

/// Postgres is one process a connection.
fn family_seconds(pid: u32) -> Option<f64> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    let own = seconds(&pid.to_string(), true)?;
    Some(own + children.split_whitespace().filter_map(|child| seconds(child, false)).sum::<f64>())
}

/// For the file of results: what the figures were measured on.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    cpu: Option<String>,
    cores: Option<usize>,
    memory_gib: Option<u64>,
    kernel: Option<String>,
}

impl Machine {
    pub(super) fn look() -> Self {
        let file = |path: &str| fs::read_to_string(path).ok();
        let field = |text: String, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?.to_owned();
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let memory = file("/proc/meminfo").and_then(|text| field(text, "MemTotal"));
        let kib = memory.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
        Self {
            cpu: file("/proc/cpuinfo").and_then(|text| field(text, "model name")),
            cores: std::thread::available_parallelism().ok().map(usize::from),
            memory_gib: kib.map(|kib| kib.div_ceil(1024 * 1024)),
            kernel: file("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned()),
        }
    }
}
