//! A node dies with everybody on it: how long until all of them are back on the other one. Then all of them come back from
//! so far away that each reads everything anew. And what a session costs.

use super::{
    phone::{Caller, Phone, Turned},
    pump::Pump,
};
use crate::cli::{
    Failure,
    bench::{http::Api, machine, nodes::Node},
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Opened so fast when nobody is in a hurry: well below what a node admits.
const OPENING: usize = 32;
const BASE: Duration = Duration::from_millis(500);
const CAP: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) sessions: usize,
    pub(super) seconds_to_all_back: f64,
    /// Times that somebody was told to come back later.
    pub(super) refused: usize,
    pub(super) back: usize,
    /// Until each had also read its rounds and orders over HTTP, after everybody was away longer than events are kept.
    pub(super) seconds_to_all_read: f64,
    pub(super) read: usize,
}

pub(super) async fn run(
    victim: &mut Node,
    refuge: &Node,
    callers: &[Caller],
    patience: Duration,
    pump: &Pump,
) -> Result<Figures, Failure> {
    let refused = Arc::new(AtomicUsize::new(0));
    let mut phones = JoinSet::new();
    for (caller, phone) in open_all(&victim.address, callers, pump).await? {
        let (refuge, refused, have) = (refuge.address.clone(), Arc::clone(&refused), pump.head(caller.store_id));
        phones.spawn(async move {
            outlive(phone).await;
            tokio::time::sleep(BASE.mul_f64(rand::random())).await;
            let phone = come_back(&refuge, &caller, Some(have), &refused).await;
            (phone, Instant::now())
        });
    }
    let died = Instant::now();
    victim.crash().await?;
    let (mut back, mut last) = (Vec::new(), died);
    let all = async {
        while let Some(ended) = phones.join_next().await {
            let (phone, at) = ended?;
            last = last.max(at);
            back.push(phone);
        }
        Ok::<_, tokio::task::JoinError>(())
    };
    match tokio::time::timeout(patience, all).await {
        Ok(ended) => ended?,
        Err(_) => last = Instant::now(),
    }
    let back = back.len();
    let (read, reading) = from_afar(refuge, callers, patience, &refused).await?;
    Ok(Figures {
        sessions: callers.len(),
        seconds_to_all_back: tenths(last - died),
        refused: refused.load(Ordering::Relaxed),
        back,
        seconds_to_all_read: tenths(reading),
        read,
    })
}

fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

/// Everybody at once, without a word of where they stood: how many have read what is theirs, and after what time.
async fn from_afar(
    node: &Node,
    callers: &[Caller],
    patience: Duration,
    refused: &Arc<AtomicUsize>,
) -> Result<(usize, Duration), Failure> {
    let started = Instant::now();
    let mut phones = JoinSet::new();
    for caller in callers.iter().cloned() {
        let (address, api, refused) = (node.address.clone(), node.api.with_token(&caller.token), Arc::clone(refused));
        phones.spawn(async move {
            tokio::time::sleep(BASE.mul_f64(rand::random())).await;
            let mut phone = come_back(&address, &caller, None, &refused).await;
            while phone.next().await.is_some_and(|heard| heard.t != "snapshot") {}
            for path in ["/rounds", "/orders"] {
                read_all(&api, path, &refused).await;
            }
            phone
        });
    }
    let mut there = Vec::new();
    let all = async {
        while let Some(phone) = phones.join_next().await {
            there.push(phone?);
        }
        Ok::<_, tokio::task::JoinError>(())
    };
    if let Ok(ended) = tokio::time::timeout(patience, all).await {
        ended?;
    }
    Ok((there.len(), started.elapsed()))
}

/// Until it is answered, as a client does.
async fn read_all(api: &Api, path: &str, refused: &AtomicUsize) {
    while api.get::<serde_json::Value>(path).await.is_err() {
        refused.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(BASE.mul_f64(1.0 + rand::random::<f64>())).await;
    }
}

/// Bytes of the node's resident memory for each idle session.
pub(super) async fn memory_per_session(node: &Node, callers: &[Caller], pump: &Pump) -> Result<i64, Failure> {
    let resident = || node.pid().and_then(machine::rss_mb).ok_or("this system does not tell a process's memory");
    let before = resident()?;
    let phones = open_all(&node.address, callers, pump).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let grown = (resident()? - before) * 1024.0 * 1024.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a figure to read")]
    let each = (grown / phones.len().max(1) as f64) as i64;
    Ok(each)
}

async fn open_all(node: &str, callers: &[Caller], pump: &Pump) -> Result<Vec<(Caller, Phone)>, Failure> {
    let refused = AtomicUsize::new(0);
    let opening = callers.iter().map(|caller| {
        let refused = &refused;
        async move { (caller.clone(), come_back(node, caller, Some(pump.head(caller.store_id)), refused).await) }
    });
    Ok(stream::iter(opening).buffer_unordered(OPENING).collect().await)
}

async fn outlive(mut phone: Phone) {
    while phone.next().await.is_some() {}
}

/// As a good client: after the time it was given, else further and further apart, never all at the same moment.
async fn come_back(node: &str, caller: &Caller, have: Option<i64>, refused: &AtomicUsize) -> Phone {
    let mut wait = BASE;
    loop {
        match Phone::open(node, &caller.token, have).await {
            Ok(phone) => return phone,
            Err(Turned::Away(after)) => {
                refused.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(after + BASE.mul_f64(rand::random())).await;
            }
            Err(Turned::Down) => {
                tokio::time::sleep(wait.mul_f64(rand::random())).await;
                wait = (wait * 2).min(CAP);
            }
        }
    }
}
