//! The nodes: real processes of this binary, on one Redis and one Postgres.

use super::{http::Api, say};
use crate::{
    cli::Failure,
    config::Settings,
    servers::{Program, free_port},
};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Node {
    pub(super) name: &'static str,
    pub(super) api: Api,
    pub(super) address: String,
    process: Program,
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Node {
    pub(super) async fn start(
        name: &'static str,
        program: &Path,
        folder: &Path,
        settings: &Settings,
        connections: reqwest::Client,
    ) -> Result<Self, Failure> {
        // The port is chosen here and not by the node: after its death the node comes back where clients look for it.
        let address = format!("127.0.0.1:{}", free_port()?);
        let environment = vec![
            ("GRABORDER_REDIS_URL", settings.redis.url.clone()),
            ("DATABASE_URL", settings.postgres.url.clone()),
            ("GRABORDER_TOKEN_SECRET", settings.tokens.secret.clone()),
            ("GRABORDER_HTTP__BIND", address.clone()),
            // Opens within half a minute of being published, so it is loaded at once and armed just before.
            ("GRABORDER_ROUNDS__WARM_LEAD_MS", "600000".to_owned()),
            ("GRABORDER_ROUNDS__OPEN_LEAD_MS", "2000".to_owned()),
            ("GRABORDER_HTTP__DRAIN_NOTICE_MS", "200".to_owned()),
            ("GRABORDER_HTTP__DRAIN_MS", "2000".to_owned()),
            ("GRABORDER_LOG__FORMAT", "text".to_owned()),
            ("GRABORDER_LOG__LEVEL", "info,graborder::app::http=warn".to_owned()),
        ];
        let mut node = Self {
            name,
            api: Api::new(connections, format!("http://{address}")),
            address,
            process: Program::claim(name, &folder.join(name), program)?,
            program: program.to_owned(),
            environment,
        };
        node.run().await?;
        Ok(node)
    }

    async fn run(&mut self) -> Result<(), Failure> {
        let mut command = Command::new(&self.program);
        command.arg("serve").envs(self.environment.iter().map(|(name, value)| (name, value)));
        let api = self.api.clone();
        self.process.start(command, PATIENCE, || api.is_ready()).await?;
        Ok(())
    }

    /// `kill -9`, a moment of absence, and a start on the same port.
    pub(super) async fn crash_and_return(&mut self, away: Duration) -> Result<(), Failure> {
        self.crash().await?;
        tokio::time::sleep(away).await;
        self.come_back().await
    }

    pub(super) async fn crash(&mut self) -> Result<(), Failure> {
        Ok(self.process.kill_9().await?)
    }

    /// As a deploy does it: it is asked to end, takes its leave, and starts again.
    pub(super) async fn restart(&mut self) -> Result<(), Failure> {
        self.process.stop().await?;
        self.come_back().await
    }

    pub(super) async fn come_back(&mut self) -> Result<(), Failure> {
        self.run().await?;
        say(format_args!("{} is back", self.name));
        Ok(())
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// For a run that went wrong: the end of what the node said.
    pub(super) fn log_tail(&self) -> String {
        self.process.log_tail()
    }
}
