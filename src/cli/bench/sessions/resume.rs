//! Phones that lose their line again and again while events flow: no event may be missed, none told twice.

use super::{
    phone::{Caller, Phone, Seen, Turned},
    pump::{self, Pump, Told},
};
use crate::cli::Failure;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Transactions a second, and events in each: every store hears about ten a second.
const BATCH_EVERY: Duration = Duration::from_millis(10);
const BATCH_PART: usize = 10;
/// For the last events to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) cycles: usize,
    pub(super) events: u64,
    pub(super) gaps: u64,
    pub(super) doubles: u64,
    pub(super) snapshots: u64,
    /// Events that a phone had not heard in the end.
    pub(super) missing: i64,
}

pub(super) async fn run(
    nodes: [String; 2],
    callers: &[Caller],
    cycles: usize,
    pump: &mut Pump,
) -> Result<Figures, Failure> {
    let nodes = Arc::new(nodes);
    let each = cycles.div_ceil(callers.len());
    let mut phones = JoinSet::new();
    for caller in callers {
        phones.spawn(wander(Arc::clone(&nodes), caller.clone(), pump.head(caller.store_id), each));
    }
    // Events flow until the last phone has had its last cut.
    let (over, mut ended) = (CancellationToken::new(), Vec::new());
    let mut told = Told::new();
    let mut batches = tokio::time::interval(BATCH_EVERY);
    while !over.is_cancelled() {
        tokio::select! {
            _ = batches.tick() => {
                let lucky = callers.iter().filter(|_| rand::random_range(0..BATCH_PART) == 0);
                let events = lucky.map(|caller| (caller.store_id, pump::small())).collect();
                pump.push(events, &mut told).await?;
                told.clear();
            }
            phone = phones.join_next() => match phone {
                Some(phone) => ended.push(phone?),
                None => over.cancel(),
            }
        }
    }
    let mut figures = Figures { cycles: each * callers.len(), ..Figures::default() };
    for (caller, mut seen) in ended {
        let head = pump.head(caller.store_id);
        catch_up(&nodes[0], &caller, &mut seen, head).await;
        figures.events += seen.events;
        figures.gaps += seen.gaps;
        figures.doubles += seen.doubles;
        figures.snapshots += seen.snapshots;
        figures.missing += head - seen.store_seq;
    }
    Ok(figures)
}

/// Comes, listens for a moment, and goes without a word; on any node, sometimes before it heard anything.
async fn wander(nodes: Arc<[String; 2]>, caller: Caller, head: i64, cycles: usize) -> (Caller, Seen) {
    let mut seen = Seen::from(head);
    for _ in 0..cycles {
        let mut phone = open(&nodes[rand::random_range(0..2)], &caller, seen.store_seq).await;
        let patience = Duration::from_millis(rand::random_range(0..60));
        let listening = async {
            while let Some(heard) = phone.next().await {
                seen.hear(&heard);
            }
        };
        let _cut = tokio::time::timeout(patience, listening).await;
        drop(phone);
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..100))).await;
    }
    (caller, seen)
}

async fn catch_up(node: &str, caller: &Caller, seen: &mut Seen, head: i64) {
    let listening = async {
        let mut phone = open(node, caller, seen.store_seq).await;
        while seen.store_seq < head {
            match phone.next().await {
                Some(heard) => seen.hear(&heard),
                None => phone = open(node, caller, seen.store_seq).await,
            }
        }
    };
    let _missing = tokio::time::timeout(PATIENCE, listening).await;
}

/// Tries until a node takes it.
async fn open(node: &str, caller: &Caller, have: i64) -> Phone {
    loop {
        match Phone::open(node, &caller.token, Some(have)).await {
            Ok(phone) => return phone,
            Err(Turned::Away(after)) => tokio::time::sleep(after).await,
            Err(Turned::Down) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}
