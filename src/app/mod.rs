//! The composition root: the one place that sees everything. Builds each part, gives it what it needs, spawns its
//! tasks, and at the end lets everything finish in the order in which data flows.

pub mod http;
pub mod log;
pub mod tasks;

mod address;
mod admission;
mod drain;
mod feed;
mod files;
mod first_start;
mod forget;
mod grabbing;
mod guests;
mod headers;
mod idle;
mod limits;
mod lookup;
mod origin;
mod places;
mod presence;
mod socket;
mod statics;

use crate::{
    api,
    auth::{Tokens, password::Passwords},
    channels::{Channels, Fault, Messenger},
    config::Settings,
    domain::{heat::Thresholds, ids::PoolId},
    events,
    grab::Grab,
    hot::{Hot, HotConfig, HotError},
    import,
    needs::{Nightly, Worker},
    push::Hub,
    rounds::{self, Rounds},
    storage::{self, Db},
    webhooks::{self, Webhooks, sign::Secrets},
    writer,
};
use actix_web::dev::ServerHandle;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tasks::Tasks;
use tokio_util::sync::CancellationToken;

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    pub web: bool,
    pub writer: bool,
    pub rounds: bool,
}

impl Roles {
    pub const ALL: Self = Self { web: true, writer: true, rounds: true };
}

/// A running node.
pub struct Node {
    pub address: Option<SocketAddr>,
    pub tasks: Tasks,
    pub db: Db,
    pub hot: Hot,
    pub rounds: Rounds,
    web: Option<Web>,
}

/// What serves clients, and how it takes leave of them.
struct Web {
    server: ServerHandle,
    hub: Arc<Hub>,
    /// Cancelled when the node begins to go.
    draining: CancellationToken,
    drain_notice: Duration,
    drain: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("Postgres: {0}")]
    Storage(#[from] storage::Error),
    #[error("Redis: {0}")]
    Hot(#[from] HotError),
    /// The back office steers the rounds of one pool so far: with more it would pause the wrong one.
    #[error("this version serves one pool, and the books hold {0}")]
    ManyPools(usize),
    #[error("tokens: {0}")]
    Tokens(#[from] crate::auth::token::TokenError),
    #[error("WeChat, WeCom: {0}")]
    Channels(#[from] Fault),
    #[error("http: {0}")]
    Http(#[from] std::io::Error),
    #[error("outbox: {0}")]
    Events(#[from] events::Error),
    #[error(transparent)]
    Webhooks(#[from] webhooks::Error),
    #[error("metrics: {0}")]
    Metrics(String),
}

/// Starts everything that the roles name. On the way out of an error nothing stays behind: tasks are told to stop.
pub async fn start(settings: &Settings, roles: Roles) -> Result<Node, StartError> {
    let metrics = metrics_handle()?;
    let db = Db::connect(&settings.postgres.url, settings.postgres.connections).await?;
    let hot =
        Hot::connect(HotConfig { url: settings.redis.url.clone(), prefix: settings.redis.prefix.clone() }).await?;
    let pools = storage::pools::all_or_first(&mut *db.0.acquire().await?).await?;
    let first = pools.first().cloned().unwrap_or_else(PoolId::main);
    if pools.len() > 1 {
        return Err(StartError::ManyPools(pools.len()));
    }
    let tasks = Tasks::new();
    let thresholds = Thresholds {
        value_cents: settings.rounds.hot_value_cents,
        scarcity_percent: settings.rounds.hot_scarcity_percent,
    };
    let rounds = Rounds::new(db.clone(), hot.pool(&first), first.clone()).asking_above(thresholds);
    for pool in &pools {
        if roles.writer {
            let writer = writer::Writer::new(db.clone(), hot.pool(pool), pool.clone());
            tasks.spawn_named("writer", writer.run(tasks.stop.clone()));
        }
        if roles.rounds {
            let config = rounds::CoordinatorConfig {
                warm_lead_ms: settings.rounds.warm_lead_ms,
                open_lead_ms: settings.rounds.open_lead_ms,
                archive_after_ms: settings.rounds.archive_after_ms,
            };
            let coordinator = rounds::Coordinator::new(db.clone(), hot.pool(pool), pool.clone(), config);
            tasks.spawn_named("rounds", coordinator.run(tasks.stop.clone()));
        }
    }
    if roles.writer {
        let secrets = Secrets::new(settings.tokens.secret.as_str().into());
        let webhooks = Webhooks::new(db.clone(), pools.clone(), secrets, settings.webhooks.allow_private)?;
        tasks.spawn_named("webhooks", webhooks.run(tasks.stop.clone()));
    }
    let channels = Channels::new(&settings.wechat, &settings.wecom, &hot)?;
    if let (true, Some(wechat)) = (roles.rounds, &channels.wechat) {
        let messenger = Messenger::new(db.clone(), wechat.clone());
        tasks.spawn_named("messages", messenger.run(tasks.stop.clone()));
    }
    if roles.rounds {
        let importer = import::Worker::new(db.clone(), import::WorkerConfig::default());
        tasks.spawn_named("imports", importer.run(tasks.stop.clone()));
        let nightly = Nightly::parse(&settings.needs.nightly_at).flatten();
        tasks.spawn_named("needs", Worker::new(db.clone(), nightly).run(tasks.stop.clone()));
    }
    let mut node = Node { address: None, tasks, db, hot, rounds, web: None };
    if roles.web {
        node.start_web(settings, &pools, metrics, channels).await?;
    }
    Ok(node)
}

impl Node {
    async fn start_web(
        &mut self,
        settings: &Settings,
        pools: &[PoolId],
        metrics: PrometheusHandle,
        channels: Channels,
    ) -> Result<(), StartError> {
        let stop = self.tasks.stop.clone();
        let lookup = lookup::from_books(self.db.clone());
        let (grab, loops) = Grab::new(&self.hot, pools, settings.grab, lookup, stop.clone()).await?;
        for claim_loop in loops {
            self.tasks.spawn_named("claim_loop", claim_loop);
        }
        let hub = Arc::new(Hub::default());
        let tokens = Tokens::new(
            &settings.tokens.secret.as_str().into(),
            chrono::Duration::minutes(settings.tokens.access_minutes),
        )?;
        for pool in pools {
            let (hub, versions) = (Arc::clone(&hub), tokens.versions().clone());
            feed::start(self.db.clone(), self.hot.pool(pool), pool.clone(), hub, versions, &self.tasks).await?;
        }
        self.tasks.spawn_named("flush", feed::flush(Arc::clone(&hub), stop.clone()));
        self.tasks.spawn_named("presence", presence::run(self.hot.pool(&pools[0]), Arc::clone(&hub), stop.clone()));
        for pool in pools {
            let (hot, hub) = (self.hot.pool(pool), Arc::clone(&hub));
            self.tasks.spawn_named("grabbing_devices", grabbing::run(hot, hub, stop.clone()));
        }
        let refresh = chrono::Duration::days(settings.tokens.refresh_days);
        self.tasks.spawn_named("old_devices", forget::run(self.db.clone(), refresh, stop.clone()));
        self.tasks.spawn_named("metrics_upkeep", upkeep(metrics.clone(), stop));

        let draining = CancellationToken::new();
        let parts = http::Parts {
            db: self.db.clone(),
            hot: self.hot.clone(),
            rounds: self.rounds.clone(),
            grab,
            hub: Arc::clone(&hub),
            tokens,
            passwords: Passwords::default(),
            channels,
            metrics,
            pools: pools.to_vec(),
            refresh,
            origins: settings.http.origins.clone(),
            places: places::Places::new(settings.http.sockets_per_user, settings.http.sockets_per_store),
            admission: Arc::new(admission::Admission::new(settings.http.handshakes_per_s)),
            heartbeat_ms: settings.http.heartbeat_ms,
            webhooks: api::WebhookTerms {
                secrets: Secrets::new(settings.tokens.secret.as_str().into()),
                allow_private: settings.webhooks.allow_private,
            },
            draining: draining.clone(),
        };
        first_start::tell(&parts.db, &parts.tokens).await?;
        let (server, address) = http::serve(&settings.http, parts, &self.tasks)?;
        self.address = Some(address);
        self.web = Some(Web {
            server: server.handle(),
            hub,
            draining,
            drain_notice: Duration::from_millis(settings.http.drain_notice_ms),
            drain: Duration::from_millis(settings.http.drain_ms),
        });
        self.tasks.spawn_named("http", async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the HTTP server broke off");
            }
        });
        Ok(())
    }

    /// Ends in order: say so to load balancers, send the sessions away in waves, stop serving, and only then stop the
    /// loops and the writer, so that whatever is under way gets its answer.
    pub async fn end(self) {
        if let Some(web) = self.web {
            web.draining.cancel();
            tokio::time::sleep(web.drain_notice).await;
            drain::drain(&web.hub, web.drain).await;
            web.server.stop(true).await;
        }
        self.tasks.stop.cancel();
        self.tasks.ended().await;
    }
}

/// One recorder a process: a second node in the same process (tests) shares it.
fn metrics_handle() -> Result<PrometheusHandle, StartError> {
    use std::sync::{Mutex, PoisonError};
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut handle = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = handle.as_ref() {
        return Ok(handle.clone());
    }
    let new = PrometheusBuilder::new()
        .set_buckets(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| StartError::Metrics(error.to_string()))?;
    Ok(handle.insert(new).clone())
}

/// Lets the recorder drain what it has gathered, so that it does not grow.
async fn upkeep(metrics: PrometheusHandle, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(5)) => metrics.run_upkeep(),
            () = stop.cancelled() => return,
        }
    }
}
