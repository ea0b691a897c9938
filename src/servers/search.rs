//! Where the server programs are looked for: folders given by the caller, `PATH`, then the places packages put them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Result, ServerError};

/// What a private server needs to know about the machine. Only `config` reads the environment, so it comes from there.
#[derive(Debug, Clone)]
pub struct Search {
    /// Folders tried first, such as those printed by `scripts/ensure-servers`, then those of `PATH`.
    folders: Vec<PathBuf>,
    /// The system's folder for temporary files: Postgres data goes below it when its user cannot reach the clone.
    pub(super) temp_dir: PathBuf,
}

impl Search {
    pub fn new(path: &OsStr, extra: Vec<PathBuf>, temp_dir: PathBuf) -> Self {
        let mut folders = extra;
        folders.extend(std::env::split_paths(path).filter(|folder| folder.is_absolute()));
        Self { folders, temp_dir }
    }

    /// The Redis or Valkey server program, from the first folder that has either.
    pub(super) fn redis(&self) -> Result<PathBuf> {
        self.folders
            .iter()
            .flat_map(|folder| ["redis-server", "valkey-server"].map(|name| folder.join(name)))
            .find(|file| file.is_file())
            .ok_or(ServerError::NotFound("redis-server or valkey-server"))
    }

    /// The folder that holds both `postgres` and `initdb`. Distributions keep it out of `PATH`, one folder a version.
    pub(super) fn postgres(&self) -> Result<PathBuf> {
        let packaged = [
            ("/usr/lib/postgresql", "", "bin"),
            ("/opt/homebrew/opt", "postgresql", "bin"),
            ("/usr/local/opt", "postgresql", "bin"),
        ]
        .into_iter()
        .flat_map(|(root, prefix, leaf)| newest_first(Path::new(root), prefix).into_iter().map(move |f| f.join(leaf)));

        self.folders
            .iter()
            .cloned()
            .chain(packaged)
            .find(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file())
            .ok_or(ServerError::NotFound("postgres and initdb"))
    }
}

/// The folders below `root` whose names begin with `prefix`, highest version number first.
fn newest_first(root: &Path, prefix: &str) -> Vec<PathBuf> {
    // A root that does not exist on this machine simply offers nothing.
    let Ok(entries) = fs::read_dir(root) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let rest = name.strip_prefix(prefix)?;
            let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
            Some((digits.parse().unwrap_or(0), entry.path()))
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}
