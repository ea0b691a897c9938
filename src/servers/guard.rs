//! The shell beside a server that ends it when its owner is gone. What it does is written in `guard.sh`.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::{Result, ServerError, at};

pub(super) struct Guard {
    shell: Child,
    /// The only writing end. The kernel closes it when this process ends, which is the one message a killed owner sends.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Guard {
    /// Ends what an earlier owner left behind and begins to watch. `discard` are folders removed at the very end.
    pub(super) fn post(signal: &str, pid_file: &Path, mark: &Path, discard: &[PathBuf]) -> Result<Self> {
        let mut arguments: Vec<OsString> = vec!["-c".into(), include_str!("guard.sh").into(), "guard".into()];
        arguments.extend([signal.into(), pid_file.into(), mark.into()]);
        arguments.extend(discard.iter().map(OsString::from));
        let mut shell = Command::new("/bin/sh")
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A process group of its own, so that a Ctrl-C at the terminal is the owner's to answer.
            .process_group(0)
            .spawn()
            .map_err(at("starting", Path::new("/bin/sh")))?;
        let (orders, answers) = match (shell.stdin.take(), shell.stdout.take()) {
            (Some(orders), Some(answers)) => (orders, BufReader::new(answers)),
            _ => return Err(lost("it has no pipes")),
        };
        let mut guard = Self { shell, orders: Some(orders), answers };
        guard.expect_answer("ready")?;
        Ok(guard)
    }

    /// Asks the server to stop. The answer comes only after the owner has reaped it, hence the two steps.
    pub(super) fn order_stop(&mut self) -> Result<()> {
        let orders = self.orders.as_mut().ok_or_else(|| lost("it was dismissed"))?;
        orders.write_all(b"stop\n").and_then(|()| orders.flush()).map_err(|error| lost(&error.to_string()))
    }

    pub(super) fn confirm_stopped(&mut self) -> Result<()> {
        self.expect_answer("stopped")
    }

    /// Closes the pipe, exactly what the kernel does for an owner that dies.
    pub(super) fn leave(&mut self) {
        self.orders = None;
    }

    /// Waits until the guard has done its last duties.
    pub(super) fn wait(&mut self) {
        if let Err(error) = self.shell.wait() {
            tracing::warn!(%error, "the guard of a private server could not be waited for");
        }
    }

    fn expect_answer(&mut self, expected: &str) -> Result<()> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| lost(&error.to_string()))?;
        if line.trim_end() == expected { Ok(()) } else { Err(lost(&format!("it said {line:?}"))) }
    }
}

fn lost(detail: &str) -> ServerError {
    ServerError::Tool { what: "the guard of a private server", detail: detail.to_owned() }
}
