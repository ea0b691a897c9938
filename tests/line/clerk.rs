//! A clerk with a phone: signed in, with an open socket.

use super::house::{House, Round};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Clerk {
    pub token: String,
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub welcome: Value,
}

pub fn claim_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

impl Clerk {
    pub async fn new(house: &House, login: &str) -> Self {
        let token = house.sign_in(login).await;
        Self::with_token(&house.base, &token, Value::Null).await
    }

    /// Opens a socket on a node, saying what was seen last if anything was.
    pub async fn with_token(base: &str, token: &str, resume: Value) -> Self {
        let mut socket = connect(base, token).await;
        let mut hello = json!({"t": "hello", "client": "bench", "version": "1"});
        if !resume.is_null() {
            hello["resume"] = resume;
        }
        socket.send(Message::text(hello.to_string())).await.expect("sends");
        let mut clerk = Self { token: token.to_owned(), socket, welcome: Value::Null };
        clerk.welcome = clerk.hear("welcome").await;
        clerk
    }

    pub async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("sends");
    }

    /// Fails when the server has ended the session.
    pub async fn try_say(&mut self, frame: &Value) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        self.socket.send(Message::text(frame.to_string())).await
    }

    /// The next frame, or `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("a frame in time");
            match message {
                Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(0, |frame| u16::from(frame.code));
                    return Some(json!({"t": "closed", "code": code}));
                }
                Some(Ok(_)) => panic!("a frame that is not text"),
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// The next frame of this type; others go by.
    pub async fn hear(&mut self, t: &str) -> Value {
        self.hear_that(|frame| frame["t"] == t).await
    }

    pub async fn hear_that(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut heard = Vec::new();
        for _ in 0..10_000 {
            match self.next().await {
                Some(frame) if wanted(&frame) => return frame,
                Some(frame) => heard.push(frame),
                None => break,
            }
        }
        panic!("never heard; before the end came {heard:?}");
    }

    /// Claims and hears the verdict on exactly this id.
    pub async fn claim(&mut self, round: &Round, id: &str, lines: &[(usize, i64)], mode: &str) -> Value {
        let lines: Vec<_> =
            lines.iter().map(|&(line, qty)| json!({"line_id": round.lines[line], "qty": qty})).collect();
        self.say(&json!({"t": "claim", "claim_id": id, "round_id": round.id, "lines": lines, "mode": mode})).await;
        self.hear_that(|frame| frame["claim_id"] == id && (frame["t"] == "verdict" || frame["t"] == "error")).await
    }
}

pub async fn connect(base: &str, token: &str) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let mut request = format!("{}/ws", base.replace("http://", "ws://")).into_client_request().expect("a request");
    let headers = request.headers_mut();
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).expect("a header"));
    headers.insert("sec-websocket-protocol", HeaderValue::from_static("graborder.v1"));
    connect_async(request).await.expect("a socket").0
}
