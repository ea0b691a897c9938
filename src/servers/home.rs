//! Where a private Postgres cluster lives, which account runs it, and how it is first made.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::identity::{self, Account};
use super::{Result, Search, ServerError, at};

/// The cluster's superuser, and the only one.
pub(super) const USER: &str = "graborder";

/// Where the cluster lives and who runs it.
pub(super) struct Home {
    /// Holds `data/` and `password`: the folder asked for, or one below the system's temporary folder.
    pub(super) folder: PathBuf,
    /// The folder with `postgres` and `initdb`.
    programs: PathBuf,
    /// The account that root lends the server.
    account: Option<Account>,
    pub(super) password: String,
}

impl Home {
    /// Finds the programs, the account and a folder that this account can reach, and makes what is missing.
    pub(super) fn settle(dir: &Path, search: &Search) -> Result<Self> {
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

    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        if let Some(Account { uid, gid }) = self.account {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes the cluster under another name first: one that was interrupted half-way must not be taken for complete.
    pub(super) async fn init_cluster(&self) -> Result<()> {
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
