//! One server process in its folder: started, watched, killed or stopped, never left behind.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::future::Future;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::guard::Guard;
use super::{Result, ServerError, at};

pub(super) struct ServerProcess {
    name: &'static str,
    log_file: PathBuf,
    pid_file: PathBuf,
    /// The running server; `None` between a stop or a kill and the next start.
    child: Option<Child>,
    guard: Guard,
    /// Held while this value lives, so that a second process cannot take a folder that is in use for an abandoned one.
    _lock: File,
}

impl ServerProcess {
    /// Takes possession of `folder` and ends a server that an earlier owner left behind in it.
    /// `mark` is a text found in the server's command line; `discard` are folders that end with this value.
    pub(super) fn claim(
        name: &'static str,
        folder: &Path,
        signal: &str,
        mark: &Path,
        discard: &[PathBuf],
    ) -> Result<Self> {
        let lock_file = folder.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_file)
            .map_err(at("opening", &lock_file))?;
        try_for_a_moment(&lock).map_err(|error| match error {
            TryLockError::WouldBlock => ServerError::InUse(folder.to_owned()),
            TryLockError::Error(source) => at("locking", &lock_file)(source),
        })?;
        let pid_file = folder.join(format!("{name}.pid"));
        let guard = Guard::post(signal, &pid_file, mark, discard)?;
        Ok(Self { name, log_file: folder.join(format!("{name}.log")), pid_file, child: None, guard, _lock: lock })
    }

    /// Starts the server and waits until `answers` holds. An end before that is an error that quotes its log.
    pub(super) async fn start<F, R>(&mut self, mut command: Command, patience: Duration, mut answers: F) -> Result<()>
    where
        F: FnMut() -> R,
        R: Future<Output = bool>,
    {
        let log =
            OpenOptions::new().create(true).append(true).open(&self.log_file).map_err(at("opening", &self.log_file))?;
        let log_again = log.try_clone().map_err(at("opening", &self.log_file))?;
        let program = PathBuf::from(command.get_program());
        let child = command
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(log_again)
            .process_group(0)
            .spawn()
            .map_err(at("starting", &program))?;
        fs::write(&self.pid_file, child.id().to_string()).map_err(at("writing", &self.pid_file))?;
        self.child = Some(child);

        let deadline = Instant::now() + patience;
        while !answers().await {
            if let Some(status) = self.ended()? {
                return Err(ServerError::Ended { name: self.name, status, log_tail: self.log_tail() });
            }
            if Instant::now() > deadline {
                let seconds = patience.as_secs();
                return Err(ServerError::Silent { name: self.name, seconds, log_tail: self.log_tail() });
            }
            sleep(Duration::from_millis(20)).await;
        }
        // Somebody else may have been quicker to the port and answer in our server's place.
        match self.ended()? {
            Some(status) => Err(ServerError::Ended { name: self.name, status, log_tail: self.log_tail() }),
            None => Ok(()),
        }
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The status of a server that ended by itself; it counts as gone from then on.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let Some(child) = self.child.as_mut() else { return Ok(None) };
        let status = child.try_wait().map_err(at("waiting for", &self.pid_file))?;
        if status.is_some() {
            self.child = None;
        }
        Ok(status)
    }

    /// SIGKILL, and the wait until the kernel has taken the process away.
    pub(super) async fn kill_9(&mut self) -> Result<()> {
        if let Some(child) = self.child.as_mut() {
            child.kill().map_err(at("killing", &self.pid_file))?;
        }
        self.reap().await
    }

    /// An orderly stop, also of a server that ignores it: the guard loses patience after a while.
    pub(super) async fn stop(&mut self) -> Result<()> {
        if self.child.is_none() {
            return Ok(());
        }
        if let Err(error) = self.guard.order_stop() {
            tracing::warn!(%error, server = self.name, "its guard is gone, so the server is killed");
            return self.kill_9().await;
        }
        // The guard sees the server gone only after it was reaped here.
        self.reap().await?;
        self.guard.confirm_stopped()
    }

    async fn reap(&mut self) -> Result<()> {
        while self.child.is_some() && self.ended()?.is_none() {
            sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// What remains when the owner is killed: the guard alone, its pipe closed.
    #[cfg(test)]
    pub(super) fn orphan(&mut self) {
        self.guard.leave();
    }

    pub(super) fn log_tail(&self) -> String {
        const BYTES: u64 = 2_000;
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.log_file)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
            let mut tail = Vec::new();
            file.read_to_end(&mut tail)?;
            Ok(String::from_utf8_lossy(&tail).into_owned())
        };
        read().unwrap_or_else(|error| format!("(its log cannot be read: {error})"))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // Closing the pipe makes the guard stop the server and discard its folders; waiting makes it certain.
        self.guard.leave();
        if let Some(mut child) = self.child.take()
            && let Err(error) = child.wait()
        {
            tracing::warn!(%error, server = self.name, "a private server could not be waited for");
        }
        self.guard.wait();
    }
}

/// A child that another thread is starting holds a copy of every open file between its fork and its exec, and with it the
/// lock of a server that has just ended: so a lock that is held is asked for again for a moment.
fn try_for_a_moment(lock: &File) -> std::result::Result<(), TryLockError> {
    let mut tries = 0;
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if tries < 20 => tries += 1,
            outcome => return outcome,
        }
        std::thread::sleep(Duration::from_millis(25));
    }
}
