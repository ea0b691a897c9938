//! A program that is no database, guarded as the servers are: nodes and load generators of a measured run.

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use tokio::time::sleep;

use super::Result;
use super::process::ServerProcess;

/// Runs in a folder of its own, where it also logs. Dropping it stops it and waits.
pub struct Program {
    process: ServerProcess,
}

impl Program {
    /// `program` is the file that will be run: the guard knows the process by it.
    pub fn claim(name: &'static str, folder: &Path, program: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(super::at("making", folder))?;
        Ok(Self { process: ServerProcess::claim(name, folder, "TERM", program, &[])? })
    }

    /// Starts it and waits until `answers` holds.
    pub async fn start<F, R>(&mut self, command: Command, patience: Duration, answers: F) -> Result<()>
    where
        F: FnMut() -> R,
        R: Future<Output = bool>,
    {
        self.process.start(command, patience, answers).await
    }

    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// An orderly end.
    pub async fn stop(&mut self) -> Result<()> {
        self.process.stop().await
    }

    /// Takes it away without a warning, as a crash would.
    pub async fn kill_9(&mut self) -> Result<()> {
        self.process.kill_9().await
    }

    /// Waits until it ends by itself; `None` when it does not run.
    pub async fn wait(&mut self) -> Result<Option<ExitStatus>> {
        while self.process.pid().is_some() {
            if let Some(status) = self.process.ended()? {
                return Ok(Some(status));
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(None)
    }

    /// The end of what it wrote.
    pub fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}
