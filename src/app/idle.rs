//! Connections on which nothing is asked any more. The server itself waits for a first request with a measure, and between
//! requests only as long as not one byte of the next has come; whoever sends half of a second request would stay for ever.

use crate::ws::ClientSocket;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    dev::Extensions,
    web::Bytes,
};
use std::{
    net::Shutdown,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll},
    time::{Duration, Instant},
};

#[derive(Default)]
pub(super) struct Connections(Mutex<Vec<Weak<Connection>>>);

struct Connection {
    socket: ClientSocket,
    state: Mutex<State>,
}

struct State {
    under_way: usize,
    since: Instant,
    /// It became a socket, which has a heartbeat of its own.
    upgraded: bool,
}

/// One connection's place, kept with it.
#[derive(Clone)]
pub(super) struct Kept(Arc<Connection>);

/// One request under way.
pub(super) struct UnderWay(Arc<Connection>);

/// An answer that goes out piece by piece: whoever takes a piece is not idle, and whoever takes none for too long is.
pub(super) struct Pieces {
    body: BoxBody,
    kept: Option<Kept>,
}

impl Pieces {
    pub(super) fn of(body: impl MessageBody + 'static, kept: Option<Kept>) -> Self {
        Self { body: body.boxed(), kept }
    }
}

impl MessageBody for Pieces {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(kept) = &self.kept {
            kept.0.state().since = Instant::now();
        }
        Pin::new(&mut self.body).poll_next(cx)
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        let Self { body, kept } = self;
        body.try_into_bytes().map_err(|body| Self { body, kept })
    }
}

impl Connections {
    /// For `HttpServer::on_connect`, after the client's socket was kept.
    pub(super) fn enter(&self, extensions: &mut Extensions) {
        let Some(socket) = extensions.get::<ClientSocket>().cloned() else { return };
        let state = Mutex::new(State { under_way: 0, since: Instant::now(), upgraded: false });
        let connection = Arc::new(Connection { socket, state });
        self.lock().push(Arc::downgrade(&connection));
        extensions.insert(Kept(connection));
    }

    /// Ends those that have been idle for longer; called now and then.
    pub(super) fn sweep(&self, idle_max: Duration) {
        self.lock().retain(|connection| {
            let Some(connection) = connection.upgrade() else { return false };
            let state = connection.state();
            if state.upgraded {
                return false;
            }
            if state.under_way == 0 && state.since.elapsed() > idle_max {
                metrics::counter!("limited_total", "limit" => "idle").increment(1);
                connection.socket.shutdown(Shutdown::Both);
            }
            true
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    pub(super) fn begin(&self) -> UnderWay {
        self.0.state().under_way += 1;
        UnderWay(Arc::clone(&self.0))
    }
}

impl UnderWay {
    pub(super) fn became_a_socket(&self) {
        self.0.state().upgraded = true;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        state.since = Instant::now();
    }
}

impl Connection {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
