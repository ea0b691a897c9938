//! WebSocket by hand, as little of it as a load generator needs: what the generator saves, the server under test gets.

use crate::cli::Failure;
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
/// An opening handshake's answer is shorter.
const HEAD_MAX: usize = 8 * 1024;

pub(super) struct Client {
    stream: TcpStream,
    /// What was read and not yet taken: `read[taken..]`.
    read: Vec<u8>,
    taken: usize,
}

impl Client {
    /// Opens a socket at `path`, with a bearer's token if there is one.
    pub(super) async fn open(address: &str, path: &str, token: Option<&str>) -> Result<Self, Failure> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let bearer = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Z3JhYm9yZGVyLWJlbmNoMQ==\r\n\
             Sec-WebSocket-Protocol: graborder.v1\r\n{bearer}\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut client = Self { stream, read: Vec::with_capacity(4096), taken: 0 };
        let end = loop {
            if let Some(end) = client.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if client.read.len() > HEAD_MAX {
                return Err("the answer to an opening handshake does not end".into());
            }
            client.more().await?;
        };
        if !client.read.starts_with(b"HTTP/1.1 101") {
            let head = String::from_utf8_lossy(&client.read[..end]).into_owned();
            return Err(format!("no socket at {path}: {head}").into());
        }
        client.taken = end + 4;
        Ok(client)
    }

    /// Sends a text frame. A mask of zeros is a mask: the server takes it off all the same.
    pub(super) async fn send(&mut self, text: &[u8], frame: &mut Vec<u8>) -> io::Result<()> {
        frame.clear();
        frame.push(0x80 | TEXT);
        match u8::try_from(text.len()) {
            Ok(short) if short < 126 => frame.push(0x80 | short),
            _ => {
                frame.push(0x80 | 126);
                let length = u16::try_from(text.len()).map_err(io::Error::other)?;
                frame.extend(length.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text);
        self.stream.write_all(frame).await
    }

    /// The next text frame; control frames are read over. The server's pings need no answer within a run this short.
    pub(super) async fn text(&mut self) -> Result<&[u8], Failure> {
        loop {
            if let Some((opcode, from, to)) = self.frame() {
                self.taken = to;
                match opcode {
                    TEXT => return Ok(&self.read[from..to]),
                    CLOSE => {
                        return Err(
                            format!("the server closed: {}", String::from_utf8_lossy(&self.read[from..to])).into()
                        );
                    }
                    _ => continue,
                }
            }
            self.more().await?;
        }
    }

    /// A whole frame that was read: its opcode and where its payload stands. Servers do not mask.
    fn frame(&self) -> Option<(u8, usize, usize)> {
        let bytes = &self.read[self.taken..];
        let (&first, &second) = (bytes.first()?, bytes.get(1)?);
        let (head, length) = match second & 0x7f {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, usize::from(short)),
        };
        let whole = bytes.len() >= head + length;
        whole.then_some((first & 0x0f, self.taken + head, self.taken + head + length))
    }

    async fn more(&mut self) -> io::Result<()> {
        if self.taken == self.read.len() {
            self.read.clear();
            self.taken = 0;
        } else if self.taken > 16 * 1024 {
            self.read.drain(..self.taken);
            self.taken = 0;
        }
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
