//! Before hello: a connection may say hello within five seconds, and nothing else.

use super::socket::{Incoming, Socket};
use crate::protocol::{CloseCode, HELLO_MS_MAX, In, inbound::Resume};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The first frame, understood.
#[derive(Debug)]
pub(super) struct Hello {
    pub(super) client: String,
    pub(super) resume: Option<Resume>,
}

/// Waits for hello, or says with which code to part.
pub(super) async fn greet(socket: &mut impl Socket) -> Result<Hello, CloseCode> {
    let deadline = Instant::now() + Duration::from_millis(HELLO_MS_MAX.unsigned_abs());
    loop {
        match timeout_at(deadline, socket.receive()).await {
            Err(_) => return Err(CloseCode::Silent),
            Ok(Incoming::Gone) => return Err(CloseCode::GoingAway),
            Ok(Incoming::Alive) => {}
            Ok(Incoming::Bad(code)) => return Err(code),
            Ok(Incoming::Text(text)) => {
                return match In::read(&text) {
                    Ok(In::Hello { client, version, resume }) if client.len() <= 64 && version.len() <= 64 => {
                        Ok(Hello { client, resume })
                    }
                    Ok(_) | Err(_) => Err(CloseCode::BadFrame),
                };
            }
        }
    }
}
