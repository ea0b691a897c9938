//! A private Postgres: one cluster in one folder, TCP on loopback only, a password of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::time::{Instant, sleep};

use super::home::{Home, USER};
use super::process::ServerProcess;
use super::{Result, Search, ServerError, at, ports};

/// Replaying the journal takes a while after a crash.
const PATIENCE: Duration = Duration::from_secs(60);
/// After a crash the old backends hold the shared memory until they notice that their parent is gone.
const RESTART_PATIENCE: Duration = Duration::from_secs(15);
/// How often another free port is tried when somebody was quicker.
const PORT_TRIES: usize = 5;

/// How a private Postgres is started.
#[derive(Debug, Clone)]
pub struct PgOptions {
    pub search: Search,
    /// A fixed port, or any free one.
    pub port: Option<u16>,
    /// False only for tests: a crash of the machine may then lose everything, a crash of the server nothing.
    pub fsync: bool,
    /// Whether the data is removed when the server's owner is done or dead.
    pub discard: bool,
}

impl PgOptions {
    pub fn new(search: Search) -> Self {
        Self { search, port: None, fsync: true, discard: false }
    }
}

/// A Postgres of one's own. Dropping it stops it and waits.
pub struct PrivatePostgres {
    process: ServerProcess,
    home: Home,
    options: PgOptions,
    port: u16,
}

impl PrivatePostgres {
    pub async fn start(dir: &Path, options: PgOptions) -> Result<Self> {
        fs::create_dir_all(dir).map_err(at("making", dir))?;
        let dir = dir.canonicalize().map_err(at("finding", dir))?;
        let home = Home::settle(&dir, &options.search)?;
        let mut discard = Vec::new();
        if options.discard {
            discard.extend([home.folder.clone(), dir.clone()]);
        }
        let process = ServerProcess::claim("postgres", &dir, "INT", &home.data(), &discard)?;
        home.init_cluster().await?;
        let mut postgres = Self { process, home, port: 0, options };
        postgres.start_on_a_port().await?;
        Ok(postgres)
    }

    async fn start_on_a_port(&mut self) -> Result<()> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.port = match self.options.port {
                Some(port) => port,
                None => ports::free().map_err(at("finding a port for", &self.home.folder))?,
            };
            match self.run().await {
                Err(ServerError::Ended { .. }) if tries < PORT_TRIES => sleep(Duration::from_millis(200)).await,
                outcome => return outcome,
            }
        }
    }

    async fn run(&mut self) -> Result<()> {
        let mut command = self.home.command("postgres");
        command.arg("-D").arg(self.home.data());
        let mut settings = vec![
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1".into(),
            // A socket file would need a folder that both users can reach.
            "unix_socket_directories=".into(),
            "max_connections=200".into(),
            "timezone=UTC".into(),
            "log_timezone=UTC".into(),
        ];
        if !self.options.fsync {
            settings.extend(["fsync=off".into(), "full_page_writes=off".into()]);
        }
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        let url = self.url("postgres");
        self.process.start(command, PATIENCE, || answers(url.clone())).await
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{}@127.0.0.1:{}/{database}?sslmode=disable", self.home.password, self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id, or `None` while it is stopped or killed.
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// Where the cluster really is: outside the folder asked for when the server's user cannot reach that.
    pub fn data_dir(&self) -> PathBuf {
        self.home.data()
    }

    pub async fn create_database(&self, name: &str) -> Result<()> {
        self.administer(format!("create database {}", quoted(name)?)).await
    }

    pub async fn has_database(&self, name: &str) -> Result<bool> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        let found = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(found)
    }

    /// A copy of another database that nobody is connected to; much quicker than migrating each anew.
    pub async fn create_database_like(&self, name: &str, template: &str) -> Result<()> {
        self.administer(format!("create database {} template {}", quoted(name)?, quoted(template)?)).await
    }

    pub async fn drop_database(&self, name: &str) -> Result<()> {
        self.administer(format!("drop database if exists {} with (force)", quoted(name)?)).await
    }

    async fn administer(&self, statement: String) -> Result<()> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        connection.execute(AssertSqlSafe(statement)).await?;
        Ok(connection.close().await?)
    }

    /// Takes the server and all its backends away without a warning, as a crash would.
    pub async fn kill_9(&mut self) -> Result<()> {
        let backends = self.pid().map(children_of).unwrap_or_default();
        self.process.kill_9().await?;
        if !backends.is_empty() {
            // Those that went with their parent are no longer there to be killed, so the outcome says nothing.
            Command::new("/bin/sh")
                .args(["-c", "kill -s KILL \"$@\" 2>/dev/null", "kill"])
                .args(backends)
                .status()
                .map_err(at("starting", Path::new("/bin/sh")))?;
        }
        Ok(())
    }

    /// Starts again on the same data and the same port.
    pub async fn restart(&mut self) -> Result<()> {
        self.process.stop().await?;
        let deadline = Instant::now() + RESTART_PATIENCE;
        loop {
            match self.run().await {
                Err(ServerError::Ended { .. }) if Instant::now() < deadline => sleep(Duration::from_millis(200)).await,
                outcome => return outcome,
            }
        }
    }

    pub async fn stop(&mut self) -> Result<()> {
        self.process.stop().await
    }
}

/// The backends, where the kernel tells; elsewhere they leave by themselves once they miss their parent.
fn children_of(pid: u32) -> Vec<String> {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .map(|list| list.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Database names come from code, not from people; anything unusual is refused rather than escaped.
fn quoted(name: &str) -> Result<String> {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain && (1..=63).contains(&name.len()) {
        Ok(format!("\"{name}\""))
    } else {
        Err(ServerError::DatabaseName(name.to_owned()))
    }
}

async fn answers(url: String) -> bool {
    let ask = async {
        let mut connection = PgConnection::connect(&url).await?;
        connection.execute("select 1").await?;
        connection.close().await
    };
    ask.await.is_ok()
}
