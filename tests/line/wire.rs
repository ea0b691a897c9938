//! A client that knows no library: it writes bytes and reads what comes.

use super::house::House;
use serde_json::Value;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(15);

pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
}

/// Status and whole head of an answer.
pub struct Head {
    pub status: u16,
    pub text: String,
}

impl Wire {
    pub async fn connect(house: &House) -> Self {
        let address = house.base.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.expect("connects");
        stream.set_nodelay(true).expect("sets");
        Self { stream, read: Vec::new() }
    }

    /// Upgraded, and nothing said yet.
    pub async fn guest(house: &House, token: &str) -> Self {
        let mut wire = Self::connect(house).await;
        let head = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            house.base.trim_start_matches("http://")
        );
        wire.send(head.as_bytes()).await;
        assert_eq!(wire.head().await.status, 101);
        wire
    }

    /// Welcomed.
    pub async fn member(house: &House, token: &str) -> Self {
        let mut wire = Self::guest(house, token).await;
        wire.say(r#"{"t":"hello","client":"bench","version":"1"}"#).await;
        wire.text("welcome").await;
        wire
    }

    /// A text frame; its mask is nought.
    pub async fn say(&mut self, text: &str) {
        let length = u8::try_from(text.len()).ok().filter(|length| *length < 126);
        let mut frame = match length {
            Some(length) => vec![0x81, 0x80 | length],
            None => [&[0x81, 0xfe][..], &(text.len() as u16).to_be_bytes()].concat(),
        };
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.send(&frame).await;
    }

    /// Writes as much as the peer takes; it may have gone in between.
    pub async fn send(&mut self, bytes: &[u8]) {
        let _cut_off = self.stream.write_all(bytes).await;
    }

    /// Status and head of an HTTP answer.
    pub async fn head(&mut self) -> Head {
        loop {
            if let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let text = String::from_utf8(self.read.drain(..end + 4).collect()).expect("is text");
                let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
                return Head { status, text };
            }
            assert!(
                self.more().await,
                "the connection ended before an answer: {}",
                String::from_utf8_lossy(&self.read)
            );
        }
    }

    /// As much of an answer's body as has come, at least something.
    pub async fn body(&mut self) -> String {
        if self.read.is_empty() {
            self.more().await;
        }
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// The next text frame of this type; others go by.
    pub async fn text(&mut self, t: &str) -> Value {
        loop {
            let (opcode, body) = self.frame().await.expect("a frame before the end");
            if opcode == 1 {
                let value: Value = serde_json::from_slice(&body).expect("JSON");
                if value["t"] == t {
                    return value;
                }
            }
            assert_ne!(opcode, 8, "closed while waiting for {t}: {body:?}");
        }
    }

    /// The code of the close frame; everything before it goes by.
    pub async fn closed(&mut self) -> u16 {
        loop {
            let (opcode, body) = self.frame().await.expect("a close frame before the end");
            if opcode == 8 {
                return u16::from_be_bytes([body[0], body[1]]);
            }
        }
    }

    pub async fn ends_within(&mut self, patience: Duration) -> bool {
        timeout(patience, async { while self.more().await {} }).await.is_ok()
    }

    /// Opcode and body of the next frame; `None` at the end.
    async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let [first, second, ..] = self.read[..] {
                let (head, length) = match second {
                    126 if self.read.len() >= 4 => (4, usize::from(u16::from_be_bytes([self.read[2], self.read[3]]))),
                    126 => (4, usize::MAX - 4),
                    short => (2, usize::from(short)),
                };
                if self.read.len() >= head + length {
                    let frame: Vec<u8> = self.read.drain(..head + length).collect();
                    return Some((first & 0x0f, frame[head..].to_vec()));
                }
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// `false` at the end.
    async fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        match timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("something in time") {
            Ok(0) | Err(_) => false,
            Ok(n) => {
                self.read.extend(&buffer[..n]);
                true
            }
        }
    }
}
