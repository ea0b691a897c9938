//! The HTTP server: API, socket, pages, and one log line a request.

use super::{
    admission::Admission,
    files,
    guests::Guests,
    headers::headers,
    idle,
    idle::{Connections, Pieces},
    limits,
    limits::Limits,
    places::Places,
    socket, statics,
    tasks::Tasks,
};
use crate::{
    api,
    auth::{Tokens, password::Passwords},
    channels::Channels,
    config,
    domain::ids::PoolId,
    grab::Grab,
    hot::Hot,
    push::Hub,
    rounds::Rounds,
    storage::Db,
    ws,
};
use actix_web::{
    App, Error, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web,
};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{io, net::SocketAddr, sync::Arc, time::Duration, time::Instant};
use tokio_util::sync::CancellationToken;

/// The pool's writer applies effects within some 100 ms. After this long Redis or the writer is away; whoever decides
/// again then has applied the change first, or was built from books that hold it.
const FELT_WITHIN: Duration = Duration::from_secs(2);

/// What the handlers are built from.
#[derive(Clone)]
pub struct Parts {
    pub db: Db,
    pub hot: Hot,
    pub rounds: Rounds,
    pub grab: Grab,
    pub hub: Arc<Hub>,
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub channels: Channels,
    pub metrics: PrometheusHandle,
    pub pools: Vec<PoolId>,
    /// How long somebody stays signed in without coming back.
    pub refresh: chrono::Duration,
    pub origins: Vec<String>,
    pub(super) admission: Arc<Admission>,
    pub heartbeat_ms: i64,
    pub(super) places: Arc<Places>,
    pub webhooks: api::WebhookTerms,
    /// Cancelled when the node is going away.
    pub draining: CancellationToken,
}

/// Binds and starts to serve; the future of the server is the caller's to run.
pub fn serve(settings: &config::Http, parts: Parts, tasks: &Tasks) -> io::Result<(Server, SocketAddr)> {
    let guests = Guests::new(settings.guests_per_address, settings.connections_per_user, settings.proxies.clone());
    let limits = web::Data::new(Limits::new(settings, parts.tokens.clone()));
    let connections = Arc::new(Connections::default());
    let idle_max = Duration::from_millis(settings.idle_ms);
    tasks.spawn_named("limits_upkeep", tidy(limits.clone(), tasks.stop.clone()));
    tasks.spawn_named("idle_connections", sweep(Arc::clone(&connections), idle_max, tasks.stop.clone()));
    let server = HttpServer::new(move || {
        let parts = parts.clone();
        let state = api::ApiState {
            db: parts.db.clone(),
            hot: parts.hot.clone(),
            rounds: parts.rounds.clone(),
            grab: parts.grab.clone(),
            metrics: parts.metrics.clone(),
            draining: parts.draining.clone(),
            tokens: parts.tokens.clone(),
            passwords: parts.passwords.clone(),
            channels: parts.channels.clone(),
            refresh: parts.refresh,
            felt_within: FELT_WITHIN,
            webhooks: parts.webhooks.clone(),
        };
        App::new()
            .app_data(web::Data::new(parts.tokens.clone()))
            .app_data(web::Data::new(parts.clone()))
            .app_data(limits.clone())
            .configure(|services| api::configure(services, state))
            .route("/ws", web::get().to(socket::open))
            .configure(statics::configure)
            .wrap(from_fn(limits::limit))
            .wrap(from_fn(headers))
            .wrap(from_fn(log_line))
    })
    .workers(settings.workers.max(1))
    .on_connect(move |connection, extensions| {
        ws::keep_client_socket(connection, extensions);
        guests.enter(connection, extensions);
        connections.enter(extensions);
    })
    .max_connections(files::connections_max()? / settings.workers.max(1))
    .client_request_timeout(Duration::from_secs(5))
    .shutdown_timeout(5)
    .disable_signals()
    .bind(&settings.bind)?;
    let address = server.addrs().first().copied().ok_or_else(|| io::Error::other("no address was bound"))?;
    Ok((server.run(), address))
}

/// One line a request, when it is answered. The query is left out: a ticket travels there.
async fn log_line(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.path().to_owned());
    let from = request.app_data::<web::Data<Limits>>().and_then(|limits| limits.address(&request));
    let peer = from.or_else(|| Some(request.peer_addr()?.ip())).map(|address| address.to_string()).unwrap_or_default();
    let kept = request.conn_data::<idle::Kept>().cloned();
    let under_way = kept.as_ref().map(idle::Kept::begin);
    let response = next.call(request).await?;
    let status = response.status().as_u16();
    if let (101, Some(under_way)) = (status, &under_way) {
        under_way.became_a_socket();
    }
    let pattern = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let elapsed = started.elapsed();
    metrics::histogram!("http_request_seconds", "route" => pattern, "status" => status.to_string()).record(elapsed);
    tracing::info!(%method, path, status, ms = elapsed.as_secs_f64() * 1000.0, peer, "request");
    Ok(response.map_body(|_, body| Pieces::of(body, kept)))
}

/// Ends connections that ask for nothing any more.
async fn sweep(connections: Arc<Connections>, idle_max: Duration, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(idle_max / 4) => connections.sweep(idle_max),
            () = stop.cancelled() => return,
        }
    }
}

/// Forgets callers who have not been heard of for a while.
async fn tidy(limits: web::Data<Limits>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(30)) => limits.tidy(),
            () = stop.cancelled() => return,
        }
    }
}
