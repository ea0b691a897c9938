//! A store's phone: one socket, opened with a token, resumed where it stopped.

use crate::domain::ids::{ClaimId, StoreId};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, Response, header},
    },
};

/// A node that does not answer for so long counts as down.
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody of a store, signed in.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) store_id: StoreId,
    pub(super) token: String,
}

pub(super) struct Phone {
    socket: WebSocketStream<TcpStream>,
}

/// What these runs look at of a frame.
#[derive(Debug, Deserialize)]
pub(super) struct Heard {
    pub(super) t: String,
    pub(super) store_seq: Option<i64>,
    pub(super) claim_id: Option<ClaimId>,
    pub(super) status: Option<String>,
    pub(super) lines: Option<Value>,
    pub(super) decided_at_ms: Option<i64>,
    pub(super) reconnect_after_ms: Option<u64>,
    pub(super) t0: Option<i64>,
    /// A word in an error, a number in a farewell.
    #[serde(default)]
    pub(super) code: Value,
}

/// Why there is no session.
#[derive(Debug)]
pub(super) enum Turned {
    /// The node said when to come back.
    Away(Duration),
    /// Nobody is there, or it went while we spoke.
    Down,
}

impl Phone {
    /// Up to the welcome; what was missed follows it.
    pub(super) async fn open(address: &str, token: &str, have: Option<i64>) -> Result<Self, Turned> {
        tokio::time::timeout(PATIENCE, Self::greet(address, token, have)).await.unwrap_or(Err(Turned::Down))
    }

    async fn greet(address: &str, token: &str, have: Option<i64>) -> Result<Self, Turned> {
        let stream = TcpStream::connect(address).await.map_err(|_| Turned::Down)?;
        stream.set_nodelay(true).map_err(|_| Turned::Down)?;
        let mut request = format!("ws://{address}/ws").into_client_request().map_err(|_| Turned::Down)?;
        let bearer = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| Turned::Down)?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("graborder.v1"));
        let (socket, _response) = match client_async(request, stream).await {
            Ok(open) => open,
            Err(Error::Http(response)) => return Err(refused(&response)),
            Err(_) => return Err(Turned::Down),
        };
        let mut phone = Self { socket };
        let resume = have.map(|store_seq| format!(r#","resume":{{"store_seq":{store_seq}}}"#)).unwrap_or_default();
        phone.say(format!(r#"{{"t":"hello","client":"bench","version":"1"{resume}}}"#)).await?;
        match phone.next().await {
            Some(heard) if heard.t == "welcome" => Ok(phone),
            Some(Heard { reconnect_after_ms: Some(after_ms), .. }) => {
                Err(Turned::Away(Duration::from_millis(after_ms)))
            }
            Some(_) | None => Err(Turned::Down),
        }
    }

    pub(super) async fn say(&mut self, frame: String) -> Result<(), Turned> {
        self.socket.send(Message::text(frame)).await.map_err(|_| Turned::Down)
    }

    /// The next frame; `None` when the line is dead.
    pub(super) async fn next(&mut self) -> Option<Heard> {
        loop {
            match self.socket.next().await? {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }
}

fn refused(response: &Response<Option<Vec<u8>>>) -> Turned {
    let after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    after.map_or(Turned::Down, |seconds| Turned::Away(Duration::from_secs(seconds)))
}

/// What a phone knows of its store's events, and what was wrong with them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) store_seq: i64,
    pub(super) events: u64,
    pub(super) gaps: u64,
    pub(super) doubles: u64,
    pub(super) snapshots: u64,
}

impl Seen {
    pub(super) fn from(store_seq: i64) -> Self {
        Self { store_seq, ..Self::default() }
    }

    pub(super) fn hear(&mut self, heard: &Heard) {
        let Some(store_seq) = heard.store_seq else { return };
        match heard.t.as_str() {
            // It says where the store stands, not what happened.
            "welcome" => {}
            "snapshot" => {
                self.snapshots += 1;
                self.store_seq = self.store_seq.max(store_seq);
            }
            _ => {
                self.events += 1;
                self.gaps += u64::from(store_seq > self.store_seq + 1);
                self.doubles += u64::from(store_seq <= self.store_seq);
                self.store_seq = self.store_seq.max(store_seq);
            }
        }
    }
}
