//! A private Postgres: one cluster in one folder, TCP on loopback only, a password of its own.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::time::{Instant, sleep};

use super::identity::{self, Account};
use super::process::ServerProcess;
use super::{Result, Search, ServerError, at, ports};

const USER: &str = "graborder";
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

/// Where the cluster lives and who runs it.
struct Home {
    /// Holds `data/` and `password`: the folder asked for, or one below the system's temporary folder.
    folder: PathBuf,
    /// The folder with `postgres` and `initdb`.
    programs: PathBuf,
    /// The account that root lends the server.
    account: Option<Account>,
    password: String,
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

impl Home {
    /// Finds the programs, the account and a folder that this account can reach, and makes what is missing.
    fn settle(dir: &Path, search: &Search) -> Result<Self> {
        let programs = search.postgres()?;
        let account = identity::for_postgres(dir)?;
        let folder = match account {
            Some(account) if !identity::can_reach(account, dir) => moved_out(dir, &search.temp_dir, account)?,
            _ => dir.to_owned(),
        };
        let programs = match account {
            Some(account) if !identity::can_reach(account, &programs) => copied_out(&programs, &folder, account)?,
            _ => programs,
        };
        let password = password_of(&folder, account)?;
        Ok(Self { folder, programs, account, password })
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        if let Some(Account { uid, gid }) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes the cluster under another name first: one that was interrupted half-way must not be taken for complete.
    async fn init_cluster(&self) -> Result<()> {
        let data = self.data();
        if data.exists() {
            return Ok(());
        }
        let unfinished = self.folder.join("data.unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(at("removing", &unfinished))?;
        }
        DirBuilder::new().mode(0o700).create(&unfinished).map_err(at("making", &unfinished))?;
        give(&unfinished, self.account)?;
        let mut command = self.command("initdb");
        command.arg("-D").arg(&unfinished).arg("--pwfile").arg(password_file(&self.folder));
        command.args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"]);
        command.args(["--no-sync", "--no-instructions"]).current_dir("/").env("LC_ALL", "C");
        run_to_end("initdb", command).await?;
        fs::rename(&unfinished, &data).map_err(at("naming", &data))
    }
}

/// A private folder below the system's temporary one, the same at every start, for data whose own place is unreachable.
fn moved_out(dir: &Path, temp_dir: &Path, account: Account) -> Result<PathBuf> {
    let note = dir.join("moved-to");
    if let Ok(text) = fs::read_to_string(&note) {
        let folder = PathBuf::from(text.trim_end());
        // Anybody may write below a temporary folder, so only a real folder of the right owner is believed.
        if fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_dir() && meta.uid() == account.uid) {
            return Ok(folder);
        }
    }
    let parent = [temp_dir, Path::new("/tmp"), Path::new("/var/tmp")]
        .into_iter()
        .find(|parent| identity::can_reach(account, parent))
        .ok_or(ServerError::NoFolder)?;
    let folder = parent.join(format!("graborder-postgres-{:016x}", rand::random::<u64>()));
    DirBuilder::new().mode(0o700).create(&folder).map_err(at("making", &folder))?;
    give(&folder, Some(account))?;
    fs::write(&note, format!("{}\n", folder.display())).map_err(at("writing", &note))?;
    tracing::warn!(
        asked_for = %dir.display(),
        moved_to = %folder.display(),
        "the user that runs postgres cannot reach the folder asked for, so its data lives elsewhere"
    );
    Ok(folder)
}

/// A copy of programs that came from a Python wheel into a folder which the account cannot reach either.
/// The wheel keeps its libraries in a sibling, `<package>.libs`, found relative to the programs.
fn copied_out(programs: &Path, folder: &Path, account: Account) -> Result<PathBuf> {
    let install = programs.parent().ok_or(ServerError::NotFound("postgres and initdb"))?;
    let package = install.parent().ok_or(ServerError::NotFound("postgres and initdb"))?;
    let target = folder.join("programs");
    let copied = match (package.file_name(), install.file_name()) {
        (Some(package), Some(install)) => target.join(package).join(install).join("bin"),
        _ => return Err(ServerError::NotFound("postgres and initdb")),
    };
    if copied.join("postgres").is_file() {
        return Ok(copied);
    }
    let script = r#"mkdir -p "$3" && cp -R "$1" "$3/" && if [ -d "$1.libs" ]; then cp -R "$1.libs" "$3/"; fi && chown -R "$2" "$3""#;
    let outcome = Command::new("/bin/sh")
        .args(["-c", script, "copy"])
        .arg(package)
        .arg(format!("{}:{}", account.uid, account.gid))
        .arg(&target)
        .output()
        .map_err(at("starting", Path::new("/bin/sh")))?;
    if outcome.status.success() {
        Ok(copied)
    } else {
        let detail = String::from_utf8_lossy(&outcome.stderr).into_owned();
        Err(ServerError::Tool { what: "copying the programs of postgres", detail })
    }
}

/// The superuser's password: made once, readable by the account alone.
fn password_of(folder: &Path, account: Option<Account>) -> Result<String> {
    let file = password_file(folder);
    if let Ok(password) = fs::read_to_string(&file) {
        return Ok(password.trim_end().to_owned());
    }
    let password = hex::encode(rand::random::<[u8; 16]>());
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .and_then(|mut out| writeln!(out, "{password}"))
        .map_err(at("writing", &file))?;
    give(&file, account)?;
    Ok(password)
}

fn password_file(folder: &Path) -> PathBuf {
    folder.join("password")
}

fn give(path: &Path, account: Option<Account>) -> Result<()> {
    match account {
        Some(Account { uid, gid }) => {
            std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(at("giving away", path))
        }
        None => Ok(()),
    }
}

async fn run_to_end(what: &'static str, command: Command) -> Result<()> {
    let program = PathBuf::from(command.get_program());
    let outcome = tokio::process::Command::from(command).output().await.map_err(at("starting", &program))?;
    if outcome.status.success() {
        return Ok(());
    }
    Err(ServerError::Tool { what, detail: String::from_utf8_lossy(&outcome.stderr).into_owned() })
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
