//! Free loopback ports.

use std::io;
use std::net::TcpListener;

/// A port that nobody listens on at this moment.
///
/// It is taken below the range from which the kernel draws the ports of outgoing connections. Inside that range a client
/// that knocks again and again at a stopped server sooner or later gets the server's own port as its source, connects to
/// itself, and the server can never come back. Only when that part is crowded does the kernel choose.
pub fn free() -> io::Result<u16> {
    const TRIES: usize = 64;
    let listening = (0..TRIES)
        .map(|_| 15_000 + rand::random::<u16>() % 15_000)
        .find_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    let listener = match listening {
        Some(listener) => listener,
        None => TcpListener::bind(("127.0.0.1", 0))?,
    };
    Ok(listener.local_addr()?.port())
}
