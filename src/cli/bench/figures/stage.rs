//! The servers under load: ours, the echo, and the rival that decides in Postgres. Each is a process, all are up all the
//! time; the load goes to one after the other.

use super::{
    super::machine::Watched,
    load::Target,
    scene::{Place, Scene},
};
use crate::{
    cli::Failure,
    domain::{claim::QTY_MAX, ids::StoreId},
    servers::{Program, free_port},
    storage::rival,
};
use std::{path::Path, process::Command, sync::Arc, time::Duration};

const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Stage {
    ours: Server,
    echo: Server,
    rival: Server,
    tokens: Arc<Vec<String>>,
    stores: Arc<Vec<StoreId>>,
    plenty: Place,
    redis: Option<u32>,
    postgres: Option<u32>,
}

struct Server {
    process: Program,
    address: String,
}

impl Stage {
    pub(super) async fn set(scene: &Scene, folder: &Path, program: &Path) -> Result<Self, Failure> {
        rival::make(&mut *scene.db.0.acquire().await?, scene.plenty.line_id, QTY_MAX, &scene.stores).await?;
        let (workers, loops) = (scene.settings.http.workers.to_string(), scene.settings.grab.loops.to_string());
        let start = async |name: &'static str, arguments: &[&str]| {
            let address = format!("127.0.0.1:{}", free_port()?);
            let mut process = Program::claim(name, &folder.join(name), program)?;
            let mut command = Command::new(program);
            command.args(arguments).envs(scene.environment()).env("GRABORDER_HTTP__BIND", &address);
            if arguments.contains(&"echo") {
                command.args(["--bind", &address]);
            }
            let ready = format!("http://{address}/readyz");
            let connections = super::super::http::connections()?;
            let answers =
                || async { connections.get(&ready).send().await.is_ok_and(|response| response.status().is_success()) };
            process.start(command, PATIENCE, answers).await?;
            Ok::<_, Failure>(Server { process, address })
        };
        Ok(Self {
            ours: start("ours", &["serve", "--role", "web"]).await?,
            echo: start("echo", &["bench", "echo", "--workers", &workers]).await?,
            rival: start("rival", &["bench", "echo", "--workers", &workers, "--loops", &loops]).await?,
            tokens: Arc::new(scene.tokens()?),
            stores: Arc::new(scene.stores.clone()),
            plenty: scene.plenty,
            redis: scene.redis,
            postgres: scene.postgres,
        })
    }

    pub(super) fn ours(&self, place: Place, status: &'static str) -> Target {
        self.target(&self.ours, "/ws", Arc::clone(&self.tokens), place, status)
    }

    pub(super) fn echo(&self, path: &'static str) -> Target {
        let status = path.trim_start_matches('/');
        self.target(&self.echo, path, Arc::default(), self.plenty, status)
    }

    pub(super) fn rival(&self) -> Target {
        Target {
            stores: Arc::clone(&self.stores),
            ..self.target(&self.rival, "/won", Arc::default(), self.plenty, "won")
        }
    }

    fn target(
        &self,
        server: &Server,
        path: &'static str,
        tokens: Arc<Vec<String>>,
        place: Place,
        status: &'static str,
    ) -> Target {
        Target {
            address: server.address.clone(),
            path,
            stores: Arc::default(),
            tokens,
            round_id: place.round_id,
            line_id: place.line_id,
            status,
            watched: Watched { server: server.process.pid(), redis: self.redis, postgres: self.postgres, writer: None },
        }
    }
}
