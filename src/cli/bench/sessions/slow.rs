//! One phone in twenty takes nothing from its line. The others must hear everything, and no later than without them.
//!
//! Stretches without and with the stalled phones take turns, so that both meet the same machine.

use super::{
    phone::{Caller, Phone},
    pump::{self, Pump, Told},
};
use crate::{cli::Failure, domain::ids::StoreId};
use serde::Serialize;
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

const TURNS: usize = 4;
const BATCH_EVERY: Duration = Duration::from_millis(50);
/// So many of the stores that stalled phones belong to, and what each of them is told in a batch: 120 KB a second.
const BUSY_STORES: usize = 3;
const BUSY_EVENTS: usize = 5;
/// A tenth of the other stores hears of something in each batch.
const QUIET_PART: usize = 10;
const PATIENCE: Duration = Duration::from_secs(15);

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) delivered: usize,
    pub(super) expected: usize,
    pub(super) p99_ms: f64,
    pub(super) p99_ms_without: f64,
    pub(super) stalled: usize,
    /// Stalled phones that the node cut off.
    pub(super) cut_off: usize,
}

/// A phone's number, what it heard, and when.
type Delivery = (usize, i64, Instant);

pub(super) async fn run(
    node: &str,
    callers: &[Caller],
    stretch: Duration,
    pump: &mut Pump,
) -> Result<Figures, Failure> {
    let (deliveries, mut arrived) = mpsc::unbounded_channel();
    let mut phones = JoinSet::new();
    for (i, caller) in callers.iter().enumerate() {
        let phone = Phone::open(node, &caller.token, Some(pump.head(caller.store_id))).await;
        let phone = phone.map_err(|turned| format!("a phone was turned away: {turned:?}"))?;
        phones.spawn(listen(i, phone, deliveries.clone()));
    }
    let mut figures = Figures { stalled: (callers.len() / 20).max(1), ..Figures::default() };
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let stalling = turn % 2 == 1;
        let mut stalled = Vec::new();
        if stalling {
            for i in 0..figures.stalled {
                stalled.push(stall(node, &callers[i % BUSY_STORES]).await?);
            }
        }
        let told = tell(callers, stretch, pump).await?;
        let expected = expected(callers, &told);
        let late = collect(callers, &told, expected, &mut arrived, if stalling { &mut with } else { &mut without });
        figures.expected += expected;
        figures.delivered += late.await;
        for phone in stalled {
            figures.cut_off += usize::from(was_cut(phone).await);
        }
    }
    phones.shutdown().await;
    (figures.p99_ms, figures.p99_ms_without) = (p99(&mut with), p99(&mut without));
    Ok(figures)
}

async fn listen(i: usize, mut phone: Phone, deliveries: mpsc::UnboundedSender<Delivery>) {
    while let Some(heard) = phone.next().await {
        let event = heard.t != "welcome" && heard.t != "snapshot";
        if let (true, Some(store_seq)) = (event, heard.store_seq)
            && deliveries.send((i, store_seq, Instant::now())).is_err()
        {
            return;
        }
    }
}

/// Opens a session with as little room as the system gives, and never reads again.
async fn stall(node: &str, caller: &Caller) -> Result<TcpStream, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4 * 1024)?;
    let mut stream = socket.connect(node.parse()?).await?;
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {node}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: Z3JhYm9yZGVyLWJlbmNoMQ==\r\nSec-WebSocket-Protocol: graborder.v1\r\n\
         Authorization: Bearer {}\r\n\r\n",
        caller.token
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await?;
    if &head != b"HTTP/1.1 101" {
        return Err(format!("a stalled phone was answered {:?}", String::from_utf8_lossy(&head)).into());
    }
    // A text frame with a mask of zeros.
    let hello = br#"{"t":"hello","client":"bench","version":"1"}"#;
    let mut frame = vec![0x81, 0x80 | u8::try_from(hello.len())?, 0, 0, 0, 0];
    frame.extend_from_slice(hello);
    stream.write_all(&frame).await?;
    Ok(stream)
}

/// Whether the node has ended the connection: behind what had already arrived there is nothing more.
async fn was_cut(mut stream: TcpStream) -> bool {
    let mut rest = vec![0; 64 * 1024];
    let drained = async { while !matches!(stream.read(&mut rest).await, Ok(0) | Err(_)) {} };
    tokio::time::timeout(Duration::from_secs(8), drained).await.is_ok()
}

async fn tell(callers: &[Caller], stretch: Duration, pump: &mut Pump) -> Result<Told, Failure> {
    let mut told = Told::new();
    let until = Instant::now() + stretch;
    let mut batches = tokio::time::interval(BATCH_EVERY);
    for batch in 0.. {
        batches.tick().await;
        if Instant::now() >= until {
            break;
        }
        let busy =
            callers[..BUSY_STORES].iter().flat_map(|caller| (0..BUSY_EVENTS).map(|_| (caller.store_id, pump::large())));
        let quiet = callers[BUSY_STORES..].iter().skip(batch % QUIET_PART).step_by(QUIET_PART);
        let events = busy.chain(quiet.map(|caller| (caller.store_id, pump::small()))).collect();
        pump.push(events, &mut told).await?;
    }
    Ok(told)
}

/// Every phone of a store hears each of its events.
fn expected(callers: &[Caller], told: &Told) -> usize {
    told.keys().map(|(store_id, _)| callers.iter().filter(|caller| caller.store_id == *store_id).count()).sum()
}

/// How many of them came, each counted once, with their delays in milliseconds.
async fn collect(
    callers: &[Caller],
    told: &Told,
    expected: usize,
    arrived: &mut mpsc::UnboundedReceiver<Delivery>,
    delays: &mut Vec<f64>,
) -> usize {
    let mut heard = HashSet::new();
    let until = tokio::time::Instant::now() + PATIENCE;
    while heard.len() < expected {
        let Ok(Some((i, store_seq, at))) = tokio::time::timeout_at(until, arrived.recv()).await else { break };
        let key: (StoreId, i64) = (callers[i].store_id, store_seq);
        if let Some(then) = told.get(&key)
            && heard.insert((i, store_seq))
        {
            delays.push(at.saturating_duration_since(*then).as_secs_f64() * 1000.0);
        }
    }
    heard.len()
}

fn p99(delays: &mut [f64]) -> f64 {
    delays.sort_unstable_by(f64::total_cmp);
    let at = (delays.len().saturating_sub(1)) * 99 / 100;
    delays.get(at).map_or(0.0, |ms| (ms * 10.0).round() / 10.0)
}
