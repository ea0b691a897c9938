//! The real socket, over actix-ws. It also owns the end: actix-ws alone never frees a client that does not read, so
//! after five seconds without progress the TCP connection is shut down below it.

use super::{
    judged::{Judge, judged},
    socket::{Gone, Incoming, Socket},
};
use crate::protocol::{CloseCode, FRAME_BYTES_MAX, SUBPROTOCOL};
use actix_web::{HttpRequest, HttpResponse, dev::Extensions, web::Payload};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, ProtocolError, Session};
use bytestring::ByteString;
use futures_util::StreamExt;
use std::{any::Any, future::poll_fn, net::Shutdown, os::fd::AsFd, sync::Arc, task::Poll, time::Duration};
use tokio::time::timeout;

/// Without progress for so long a client is cut off.
const STALLED: Duration = Duration::from_secs(5);
/// What the kernel may hold for one client: a stalled phone is noticed early and costs little.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// The TCP connection beneath a request, kept when it was accepted.
#[derive(Clone)]
pub struct ClientSocket(Arc<socket2::Socket>);

impl ClientSocket {
    /// Ends the connection below everything that may still wait to be said.
    pub fn shutdown(&self, how: Shutdown) {
        if let Err(error) = self.0.shutdown(how) {
            tracing::debug!(%error, "the connection had ended by itself");
        }
    }
}

/// For `HttpServer::on_connect`: remembers the connection and bounds what the kernel holds for it.
pub fn keep_client_socket(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
    match stream.as_fd().try_clone_to_owned() {
        Ok(fd) => {
            let socket = socket2::Socket::from(fd);
            let set = socket
                .set_send_buffer_size(SEND_BUFFER_BYTES)
                .and_then(|()| socket.set_tcp_nodelay(true))
                .and_then(|()| socket.set_tcp_user_timeout(Some(Duration::from_secs(20))));
            if let Err(error) = set {
                tracing::warn!(%error, "a client's TCP options could not be set");
            }
            extensions.insert(ClientSocket(Arc::new(socket)));
        }
        Err(error) => tracing::warn!(%error, "a client's TCP connection could not be kept"),
    }
}

pub struct ActixSocket {
    session: Session,
    stream: AggregatedMessageStream,
    judge: Judge,
    below: Option<ClientSocket>,
}

/// Answers the upgrade and hands out the socket.
pub fn open(request: &HttpRequest, body: Payload) -> Result<(HttpResponse, ActixSocket), actix_web::Error> {
    let (body, judge) = judged(request, body)?;
    let (response, session, stream) = actix_ws::handle_with_protocols(request, body, &[SUBPROTOCOL])?;
    let stream =
        stream.max_frame_size(FRAME_BYTES_MAX).aggregate_continuations().max_continuation_size(FRAME_BYTES_MAX);
    let below = request.conn_data::<ClientSocket>().cloned();
    Ok((response, ActixSocket { session, stream, judge, below }))
}

impl ActixSocket {
    /// A close is answered with the same code, as RFC 6455 has it; then the connection ends by itself.
    async fn answer_close(&self, reason: Option<CloseReason>) {
        let code = reason.map_or(actix_ws::CloseCode::Normal, |reason| reason.code);
        let answer = self.session.clone().close(Some(CloseReason { code, description: None }));
        if !matches!(timeout(Duration::from_millis(500), answer).await, Ok(Ok(()))) {
            self.cut();
        }
    }

    fn cut(&self) {
        if let Some(below) = &self.below {
            below.shutdown(Shutdown::Both);
        }
    }
}

impl Socket for ActixSocket {
    async fn receive(&mut self) -> Incoming {
        // What came before a broken frame is heard first; then the judge's word, as nothing more will come.
        let next = poll_fn(|cx| match self.stream.poll_next_unpin(cx) {
            Poll::Pending => self.judge.verdict().map_or(Poll::Pending, |code| Poll::Ready(Err(code))),
            Poll::Ready(next) => Poll::Ready(Ok(next)),
        });
        match next.await {
            Err(code) => Incoming::Bad(code),
            Ok(None) => Incoming::Gone,
            Ok(Some(Ok(AggregatedMessage::Text(text)))) => Incoming::Text(text),
            Ok(Some(Ok(AggregatedMessage::Binary(_)))) => Incoming::Bad(CloseCode::NotText),
            Ok(Some(Ok(AggregatedMessage::Ping(bytes)))) => match timeout(STALLED, self.session.pong(&bytes)).await {
                Ok(Ok(())) => Incoming::Alive,
                Ok(Err(_)) | Err(_) => {
                    self.cut();
                    Incoming::Gone
                }
            },
            Ok(Some(Ok(AggregatedMessage::Pong(_)))) => Incoming::Alive,
            Ok(Some(Ok(AggregatedMessage::Close(reason)))) => {
                self.answer_close(reason).await;
                Incoming::Gone
            }
            Ok(Some(Err(error))) => Incoming::Bad(code_of(&error)),
        }
    }

    async fn send(&mut self, frame: ByteString) -> Result<(), Gone> {
        match timeout(STALLED, self.session.text(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                self.cut();
                Err(Gone)
            }
        }
    }

    async fn ping(&mut self) -> Result<(), Gone> {
        match timeout(STALLED, self.session.ping(b"")).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => {
                self.cut();
                Err(Gone)
            }
        }
    }

    async fn close(self, code: CloseCode) {
        let reason = CloseReason { code: code.number().into(), description: Some(code.name().to_owned()) };
        let below = self.below.clone();
        let said = timeout(Duration::from_millis(500), self.session.close(Some(reason))).await;
        // A peer that has taken the close frame ends the connection itself; one that does not within a second is cut.
        if said.is_ok() {
            let mut stream = self.stream;
            let _peer_closed = timeout(Duration::from_secs(1), async {
                while stream.next().await.is_some() {
                    // A reader that repeats an error is always ready: without a pause the clock would never be asked.
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
        if let Some(below) = below {
            below.shutdown(Shutdown::Both);
        }
    }
}

/// The heads were judged before: what is left to go wrong are bodies.
fn code_of(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => CloseCode::BadText,
        ProtocolError::Overflow => CloseCode::TooBig,
        _ => CloseCode::BrokenFrame,
    }
}
