//! k6 taps; one node dies in the middle and comes back.

use super::super::{crowd::Clerk, http::Api, nodes::Node, round::Round, say};
use crate::{cli::Failure, domain::clock, servers::Program};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The node dies when it has answered a part of its sessions, at the latest so long after the opening.
const KILL_LATEST_MS: i64 = 300;
/// How long it stays dead.
const AWAY: Duration = Duration::from_millis(1_000);

#[derive(Serialize)]
struct Token<'a> {
    store_code: &'a str,
    token: &'a str,
}

/// What k6 saw: the file that `rush.js` writes.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Seen {
    pub(super) claims: i64,
    pub(super) won: i64,
    pub(super) granted_units: i64,
    pub(super) lost: i64,
    pub(super) too_late: i64,
    pub(super) ordered: i64,
    pub(super) revoked: i64,
    pub(super) unanswered: i64,
    pub(super) verdict_changed: i64,
    pub(super) reconnects: i64,
    pub(super) finished: i64,
    pub(super) tap_to_verdict_ms: Option<Percentiles>,
    pub(super) won_to_ordered_ms: Option<Percentiles>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Percentiles {
    p50: i64,
    p95: i64,
    p99: i64,
}

/// When and in which state the node was killed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kill {
    pub(super) at_ms: i64,
    pub(super) answered: i64,
}

/// k6 at work.
pub(super) struct Tapping {
    process: Program,
    out: PathBuf,
}

impl Tapping {
    pub(super) async fn start(
        k6: &Path,
        script: &Path,
        folder: &Path,
        nodes: [&Node; 2],
        round: &Round,
        clerks: &[Clerk],
    ) -> Result<Self, Failure> {
        let mut process = Program::claim("k6", &folder.join("k6"), k6)?;
        let (tokens, out) = (folder.join("tokens.json"), folder.join("rush.json"));
        let rows: Vec<Token> = clerks
            .iter()
            .map(|clerk| Token { store_code: &clerk.store_code, token: clerk.api.token().unwrap_or_default() })
            .collect();
        fs::write(&tokens, serde_json::to_vec(&rows)?)?;
        let mut command = Command::new(k6);
        command
            // Its own control port would be the same for two runs side by side.
            .args(["run", "--quiet", "--address", "127.0.0.1:0"])
            .arg(script)
            .env("BASE", nodes.map(|node| node.address.as_str()).join(","))
            .env("TOKENS", &tokens)
            .env("ROUND_ID", round.round_id.to_string())
            .env("SESSIONS", clerks.len().to_string())
            .env("OUT", &out)
            .env("K6_NO_USAGE_REPORT", "true")
            .env("K6_AUTO_EXTENSION_RESOLUTION", "false");
        process.start(command, Duration::from_secs(1), || async { true }).await?;
        Ok(Self { process, out })
    }

    /// Waits for its end and reads what it saw. A crossed threshold (99) is a finding, not a failure of the run.
    pub(super) async fn seen(mut self) -> Result<Seen, Failure> {
        let status = self.process.wait().await?.ok_or("k6 was not running")?;
        // Requests to a dead node fail as they must; what the rush itself says is another matter.
        for line in self.process.log_tail().lines().filter(|line| line.contains("level=error")) {
            eprintln!("{line}");
        }
        match status.code() {
            Some(0 | 99) => Ok(serde_json::from_slice(&fs::read(&self.out)?)?),
            _ => Err(format!("k6 ended with {status}").into()),
        }
    }
}

/// Kills `victim` in the midst of its answers: once it has decided `percent` of the claims that it will get.
pub(super) async fn kill_in_mid_rush(
    victim: &mut Node,
    round: &Round,
    sessions: usize,
    percent: u64,
) -> Result<Kill, Failure> {
    let share = i64::try_from(sessions)? / 2;
    let enough = share * i64::try_from(percent)? / 100;
    tokio::time::sleep(Duration::from_millis((round.opens_at_ms - clock::now_ms() - 50).max(0).unsigned_abs())).await;
    let before = decided(&victim.api).await?;
    let answered = loop {
        let answered = decided(&victim.api).await? - before;
        if answered >= enough.max(1) || clock::now_ms() >= round.opens_at_ms + KILL_LATEST_MS {
            break answered;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    let at_ms = clock::now_ms() - round.opens_at_ms;
    say(format_args!("{} is killed {at_ms} ms after the opening, having answered {answered} of {share}", victim.name));
    victim.crash_and_return(AWAY).await?;
    Ok(Kill { at_ms, answered })
}

#[expect(clippy::cast_possible_truncation, reason = "a count of claims")]
async fn decided(api: &Api) -> Result<i64, Failure> {
    Ok(api.counter("grab_requests_total").await? as i64)
}
