//! A TCP link that can be told to lose things: between a node and Redis.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub struct Link {
    pub port: u16,
    held: watch::Sender<Held>,
    accepted: Arc<AtomicU64>,
    /// Every so many replies one is eaten and its connection cut; 0 eats none.
    eat_every: Arc<AtomicUsize>,
}

/// Which connections keep what the client sends, until they are released.
#[derive(Default)]
struct Held {
    connections: HashSet<u64>,
    /// The next one that sends this joins them.
    text: Option<String>,
}

impl Link {
    pub async fn to(redis_port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let port = listener.local_addr().expect("an address").port();
        let held = watch::Sender::new(Held::default());
        let (accepted, eat_every) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
        let replies = Arc::new(AtomicUsize::new(0));
        let (count, eat, holding) = (Arc::clone(&accepted), Arc::clone(&eat_every), held.clone());
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let id = count.fetch_add(1, Ordering::SeqCst) + 1;
                let Ok(server) = TcpStream::connect(("127.0.0.1", redis_port)).await else { continue };
                let (client_in, client_out) = client.into_split();
                let (server_in, server_out) = server.into_split();
                spawn(up(client_in, server_out, holding.clone(), id));
                spawn(down(server_in, client_out, Arc::clone(&eat), Arc::clone(&replies)));
            }
        });
        Self { port, held, accepted, eat_every }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// What the connections that stand now send stays on the way; new connections pass.
    pub fn hold(&self) {
        let all = (1..=self.accepted.load(Ordering::SeqCst)).collect();
        self.held.send_replace(Held { connections: all, text: None });
    }

    /// What the one connection sends that is the next to send this text stays on the way; all others pass.
    pub fn hold_that(&self, text: &str) {
        self.held.send_replace(Held { connections: HashSet::new(), text: Some(text.to_owned()) });
    }

    /// Until `hold_that` has caught its connection.
    pub async fn until_held(&self) {
        self.held.subscribe().wait_for(|held| !held.connections.is_empty()).await.expect("the link lives");
    }

    /// Lets everything held arrive, late.
    pub fn release(&self) {
        self.held.send_replace(Held::default());
    }

    pub fn eat_every(&self, replies: usize) {
        self.eat_every.store(replies, Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "the link ends with the test's runtime")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}

/// Towards Redis. A client that went away does not take back what it sent.
async fn up(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    held: watch::Sender<Held>,
    id: u64,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        held.send_if_modified(|held| {
            let wanted = |text: &mut String| buffer[..n].windows(text.len()).any(|window| window == text.as_bytes());
            held.text.take_if(wanted).is_some() && held.connections.insert(id)
        });
        let released = held.subscribe().wait_for(|held| !held.connections.contains(&id)).await.is_ok();
        if !released || to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}

/// From Redis.
async fn down(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    eat_every: Arc<AtomicUsize>,
    replies: Arc<AtomicUsize>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer).await {
        let every = eat_every.load(Ordering::SeqCst);
        if every > 0 && replies.fetch_add(1, Ordering::SeqCst) % every == every - 1 {
            return;
        }
        if to.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}
