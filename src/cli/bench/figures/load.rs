//! The load: so many sockets, each sending its next claim as soon as the last was answered.
//!
//! It runs on one thread of its own, so that its cost is one and the same for everybody it measures.

use super::{
    super::machine::{Busy, Watched},
    frames::Client,
};
use crate::{
    cli::Failure,
    domain::ids::{LineId, RoundId, StoreId},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Barrier, task::JoinSet};
use uuid::Uuid;

/// What is asked, where, and what the answer must say.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) address: String,
    pub(super) path: &'static str,
    /// Named in the address by each session, in turn, where there are no tokens to say whose it is.
    pub(super) stores: Arc<Vec<StoreId>>,
    /// A session each, in turn; none at a server that asks for no token.
    pub(super) tokens: Arc<Vec<String>>,
    pub(super) round_id: RoundId,
    pub(super) line_id: LineId,
    /// The status that every verdict must have.
    pub(super) status: &'static str,
    pub(super) watched: Watched,
}

#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) connections: usize,
    pub(super) warm_up: Duration,
    pub(super) measured: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) per_s: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) busy: Busy,
}

pub(super) async fn run(target: Target, shape: Shape) -> Result<Measured, Failure> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(crowd(target, shape))
    })
    .await?
}

async fn crowd(target: Target, shape: Shape) -> Result<Measured, Failure> {
    let ready = Arc::new(Barrier::new(shape.connections + 1));
    let target = Arc::new(target);
    let mut sessions = JoinSet::new();
    for i in 0..shape.connections {
        let (target, ready) = (Arc::clone(&target), Arc::clone(&ready));
        sessions.spawn(async move {
            let outcome = session(&target, shape, i, &ready).await;
            outcome.map_err(|error| error.to_string())
        });
    }
    // A session that cannot open never reaches the barrier, so its error must be heard while we wait there.
    tokio::select! {
        _leader = ready.wait() => {}
        Some(ended) = sessions.join_next() => {
            ended??;
            return Err("a session ended before all were open".into());
        }
    }
    tokio::time::sleep(shape.warm_up).await;
    let before = target.watched.look();
    tokio::time::sleep(shape.measured).await;
    let busy = target.watched.look().since(&before);

    let mut micros = Vec::new();
    while let Some(ended) = sessions.join_next().await {
        micros.append(&mut ended??);
    }
    micros.sort_unstable();
    Ok(Measured {
        per_s: count(micros.len()) / shape.measured.as_secs_f64(),
        p50_ms: at(&micros, 0.50),
        p99_ms: at(&micros, 0.99),
        busy,
    })
}

/// The latencies of one session's claims, in microseconds, as far as they were answered in the measured time.
async fn session(target: &Target, shape: Shape, i: usize, ready: &Barrier) -> Result<Vec<u32>, Failure> {
    let token = (!target.tokens.is_empty()).then(|| target.tokens[i % target.tokens.len()].as_str());
    let path = match target.stores.as_slice() {
        [] => target.path.to_owned(),
        stores => format!("{}?store={}", target.path, stores[i % stores.len()]),
    };
    let mut client = Client::open(&target.address, &path, token).await?;
    let mut frame = Vec::with_capacity(512);
    if token.is_some() {
        client.send(br#"{"t":"hello","client":"bench","version":"1"}"#, &mut frame).await?;
        let welcome = client.text().await?;
        if !welcome.starts_with(br#"{"t":"welcome""#) {
            return Err(format!("no welcome: {}", String::from_utf8_lossy(welcome)).into());
        }
    }
    let mut claim = Claim::new(target);
    let mut micros = Vec::with_capacity(4096);
    ready.wait().await;
    let from = Instant::now() + shape.warm_up;
    let until = from + shape.measured;
    loop {
        let sent = Instant::now();
        if sent >= until {
            return Ok(micros);
        }
        client.send(claim.next(), &mut frame).await?;
        loop {
            let text = client.text().await?;
            if text.starts_with(&claim.answer) {
                break;
            }
            if text.starts_with(br#"{"t":"verdict""#) || text.starts_with(br#"{"t":"error""#) {
                return Err(format!("not {:?}: {}", target.status, String::from_utf8_lossy(text)).into());
            }
        }
        let answered = Instant::now();
        if answered >= from && answered < until {
            micros.push(u32::try_from((answered - sent).as_micros()).unwrap_or(u32::MAX));
        }
    }
}

/// A claim of one unit under ever new ids, and how its answer must begin.
struct Claim {
    text: Vec<u8>,
    answer: Vec<u8>,
    /// Where the id stands in either.
    at: (usize, usize),
    id: u128,
}

impl Claim {
    fn new(target: &Target) -> Self {
        let (round_id, line_id) = (target.round_id, target.line_id);
        let blank = Uuid::nil();
        let head = r#"{"t":"claim","claim_id":""#;
        let text = format!(
            r#"{head}{blank}","round_id":"{round_id}","lines":[{{"line_id":"{line_id}","qty":1}}],"mode":"PARTIAL"}}"#
        );
        let answer_head = r#"{"t":"verdict","claim_id":""#;
        let answer = format!(r#"{answer_head}{blank}","round_id":"{round_id}","status":"{}""#, target.status);
        Self {
            at: (head.len(), answer_head.len()),
            text: text.into_bytes(),
            answer: answer.into_bytes(),
            // Random above, counted below: no two sessions ever meet.
            id: u128::from(rand::random::<u64>()) << 64,
        }
    }

    fn next(&mut self) -> &[u8] {
        self.id += 1;
        let mut letters = [0; uuid::fmt::Hyphenated::LENGTH];
        let id = Uuid::from_u128(self.id).hyphenated().encode_lower(&mut letters).as_bytes();
        self.text[self.at.0..self.at.0 + id.len()].copy_from_slice(id);
        self.answer[self.at.1..self.at.1 + id.len()].copy_from_slice(id);
        &self.text
    }
}

fn at(sorted_micros: &[u32], part: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index below the length")]
    let index = (count(sorted_micros.len().saturating_sub(1)) * part) as usize;
    sorted_micros.get(index).copied().map_or(0.0, f64::from) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of one run")]
pub(super) fn count(number: usize) -> f64 {
    number as f64
}
