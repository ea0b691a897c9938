//! The real socket, over actix-ws. It also owns the end: actix-ws alone never frees a client that does not read, so
//! after five seconds without progress the TCP connection is shut down below it.

use super::socket::{Gone, Incoming, Socket};
use crate::protocol::{CloseCode, FRAME_BYTES_MAX, SUBPROTOCOL};
use actix_web::{HttpRequest, HttpResponse, dev::Extensions, web::Payload};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseReason, Session};
use bytestring::ByteString;
use futures_util::StreamExt;
use std::{any::Any, net::Shutdown, os::fd::AsFd, sync::Arc, time::Duration};
use tokio::time::timeout;

/// Without progress for so long a client is cut off.
const STALLED: Duration = Duration::from_secs(5);
/// Frames above the protocol's limit are still read up to here, to be answered with a sentence instead of a cut.
const READ_BYTES_MAX: usize = 4 * FRAME_BYTES_MAX;
/// What the kernel may hold for one client: a stalled phone is noticed early and costs little.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// The TCP connection beneath a request, kept when it was accepted.
#[derive(Clone)]
pub struct ClientSocket(Arc<socket2::Socket>);

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
    below: Option<ClientSocket>,
}

/// Answers the upgrade and hands out the socket.
pub fn open(request: &HttpRequest, body: Payload) -> Result<(HttpResponse, ActixSocket), actix_web::Error> {
    let (response, session, stream) = actix_ws::handle_with_protocols(request, body, &[SUBPROTOCOL])?;
    let stream = stream.max_frame_size(READ_BYTES_MAX).aggregate_continuations().max_continuation_size(READ_BYTES_MAX);
    let below = request.conn_data::<ClientSocket>().cloned();
    Ok((response, ActixSocket { session, stream, below }))
}

impl ActixSocket {
    fn cut(&self) {
        if let Some(ClientSocket(socket)) = &self.below
            && let Err(error) = socket.shutdown(Shutdown::Both)
        {
            tracing::debug!(%error, "the connection had ended by itself");
        }
    }
}

impl Socket for ActixSocket {
    async fn receive(&mut self) -> Incoming {
        match self.stream.next().await {
            None => Incoming::Gone,
            Some(Ok(AggregatedMessage::Text(text))) if text.len() > FRAME_BYTES_MAX => Incoming::Bad("too_long"),
            Some(Ok(AggregatedMessage::Text(text))) => Incoming::Text(text),
            Some(Ok(AggregatedMessage::Binary(_))) => Incoming::Bad("binary"),
            Some(Ok(AggregatedMessage::Ping(bytes))) => match timeout(STALLED, self.session.pong(&bytes)).await {
                Ok(Ok(())) => Incoming::Alive,
                Ok(Err(_)) | Err(_) => {
                    self.cut();
                    Incoming::Gone
                }
            },
            Some(Ok(AggregatedMessage::Pong(_))) => Incoming::Alive,
            Some(Ok(AggregatedMessage::Close(_))) => Incoming::Gone,
            // After any of these nothing that follows on the wire can be trusted, too large a frame included: its rest was
            // not read.
            Some(Err(_)) => Incoming::Bad("malformed"),
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
            let _peer_closed = timeout(Duration::from_secs(1), async { while stream.next().await.is_some() {} }).await;
        }
        if let Some(ClientSocket(socket)) = below
            && let Err(error) = socket.shutdown(Shutdown::Both)
        {
            tracing::debug!(%error, "the connection had ended by itself");
        }
    }
}
