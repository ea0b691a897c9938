//! A private Redis or Valkey: append-only file every second, nothing evicted, loopback only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::process::ServerProcess;
use super::{Result, Search, ServerError, at, ports};

/// Loading a long append-only file takes a while after a restart.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often another free port is tried when somebody was quicker.
const PORT_TRIES: usize = 5;

/// How a private Redis is started.
#[derive(Debug, Clone)]
pub struct RedisOptions {
    pub search: Search,
    pub appendonly: bool,
    /// A fixed port, or any free one.
    pub port: Option<u16>,
    /// Further arguments in redis-server's own words, such as `--appendfsync`, `always`.
    pub extra: Vec<String>,
    /// Whether the folder is removed when the server's owner is done or dead.
    pub discard: bool,
}

impl RedisOptions {
    pub fn new(search: Search) -> Self {
        Self { search, appendonly: true, port: None, extra: Vec::new(), discard: false }
    }
}

/// A Redis of one's own. Dropping it stops it and waits.
pub struct PrivateRedis {
    process: ServerProcess,
    program: PathBuf,
    folder: PathBuf,
    options: RedisOptions,
    port: u16,
}

impl PrivateRedis {
    pub async fn start(dir: &Path, options: RedisOptions) -> Result<Self> {
        let program = options.search.redis()?;
        fs::create_dir_all(dir).map_err(at("making", dir))?;
        let folder = dir.canonicalize().map_err(at("finding", dir))?;
        let discard: &[PathBuf] = if options.discard { std::slice::from_ref(&folder) } else { &[] };
        let process = ServerProcess::claim("redis", &folder, "TERM", &folder, discard)?;
        let mut redis = Self { process, program, folder, port: 0, options };
        redis.start_on_a_port().await?;
        Ok(redis)
    }

    async fn start_on_a_port(&mut self) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.port = match self.options.port {
                Some(port) => port,
                None => ports::free().map_err(at("finding a port for", &self.folder))?,
            };
            match self.run().await {
                Err(ServerError::Ended { .. }) if self.options.port.is_none() && tries < PORT_TRIES => {}
                outcome => return outcome,
            }
        }
    }

    async fn run(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        let port = self.port.to_string();
        command.arg("--dir").arg(&self.folder);
        command.args(["--port", &port, "--bind", "127.0.0.1", "--daemonize", "no"]);
        command.args(["--save", "", "--appendonly", if self.options.appendonly { "yes" } else { "no" }]);
        command.args(["--appendfsync", "everysec", "--maxmemory-policy", "noeviction"]);
        // The guard knows the server by the folder in its command line, which Redis would otherwise write over.
        command.args(["--set-proc-title", "no"]);
        command.args(&self.options.extra);
        let url = self.url();
        self.process.start(command, PATIENCE, || answers(url.clone())).await
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id, or `None` while it is stopped or killed.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Takes the server away without a warning, as a crash would.
    pub async fn kill_9(&mut self) -> Result<()> {
        self.process.kill_9().await
    }

    /// Starts again in the same folder, with the same append-only file, on the same port.
    pub async fn restart(&mut self) -> Result<()> {
        self.process.stop().await?;
        self.run().await
    }

    pub async fn stop(&mut self) -> Result<()> {
        self.process.stop().await
    }

    #[cfg(test)]
    pub(super) fn orphan(&mut self) {
        self.process.orphan();
    }
}

/// Whether the server at `url` answers a ping; one that is still loading its file answers with an error.
async fn answers(url: String) -> bool {
    let ping = async {
        let mut connection = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async::<String>(&mut connection).await
    };
    ping.await.is_ok_and(|reply| reply == "PONG")
}
