//! The hot round: drafted and published over HTTP, with rules so wide that only stock decides.

use super::{crowd::Clerk, http::Api};
use crate::{
    cli::Failure,
    domain::{
        clock::{self, UnixMs},
        ids::{LineId, RoundId},
        round::{Policy, RoundState},
    },
    storage::shortage::Shortage,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than k6 is patient, so that nobody comes too late.
const OPEN_FOR: Duration = Duration::from_secs(180);
const AT_ONCE: usize = 16;

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Round {
    pub(super) round_id: RoundId,
    pub(super) state: RoundState,
    pub(super) opens_at_ms: UnixMs,
    #[serde(default)]
    pub(super) lines: Vec<Line>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Line {
    pub(super) line_id: LineId,
    pub(super) pack: i64,
    /// What the store that asks may do with it.
    own: Option<Own>,
}

#[derive(Clone, Debug, Deserialize)]
struct Own {
    listed: bool,
    cap_units: i64,
}

/// By the first of two supervisors, and by the second where the round is hot.
pub(super) async fn publish(
    [supervisor, second]: [&Api; 2],
    goods: &[Shortage],
    packs_a_line: i64,
    opens_in: Duration,
) -> Result<Round, Failure> {
    let opens_at = clock::now() + opens_in;
    let policy = Policy { need_percent: 1000, cap_no_need: 1_000, gate_percent: None, ..Policy::default() };
    let lines: Vec<Value> = goods
        .iter()
        .map(|goods| {
            json!({
                "sku_id": goods.sku_id,
                "warehouse_id": goods.warehouse_id,
                "pledged": packs_a_line * goods.case_pack,
            })
        })
        .collect();
    let draft = json!({
        "name": "smoke",
        "opens_at": opens_at,
        "closes_at": opens_at + OPEN_FOR,
        "policy": policy,
        "lines": lines,
        "stores": "all",
    });
    let drafted: Round = supervisor.post("/rounds", &draft).await?;
    let path = format!("/rounds/{}", drafted.round_id);
    let asked: Round = supervisor.post(&format!("{path}/publish"), &json!({})).await?;
    if asked.state == RoundState::PendingApproval {
        second.post::<Value>(&format!("{path}/approve"), &json!({})).await?;
    }
    read(supervisor, drafted.round_id).await
}

pub(super) async fn read(api: &Api, round_id: RoundId) -> Result<Round, Failure> {
    api.get(&format!("/rounds/{round_id}")).await
}

/// The clerks in the order in which their sessions will tap: session `i` taps line `i mod lines`, so each gets a place
/// whose line its store may take at least a pack of, as long as there are such places. Second, how many stores do so on
/// each line.
pub(super) async fn line_up(clerks: Vec<Clerk>, round: &Round) -> Result<(Vec<Clerk>, Vec<usize>), Failure> {
    let round_id = round.round_id;
    let looks = clerks.into_iter().map(|clerk| async move {
        let seen = read(&clerk.api, round_id).await?;
        let may = |line: &Line| line.own.as_ref().is_some_and(|own| own.listed && own.cap_units >= line.pack);
        let lines: Vec<usize> = round
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| seen.lines.iter().any(|own| own.line_id == line.line_id && may(own)))
            .map(|(at, _)| at)
            .collect();
        Ok::<_, Failure>((clerk, lines))
    });
    let mut wishes: Vec<(Clerk, Vec<usize>)> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    // Who has least choice chooses first, and takes the line with the most places left.
    wishes.sort_by_key(|(_, lines)| lines.len());
    let count = round.lines.len();
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); count];
    for at in (0..wishes.len()).rev() {
        places[at % count].push(at);
    }
    let mut able = vec![0; count];
    let mut row: Vec<Option<Clerk>> = vec![None; wishes.len()];
    let mut rest = Vec::new();
    for (clerk, lines) in wishes {
        let line = lines.into_iter().filter(|line| !places[*line].is_empty()).max_by_key(|line| places[*line].len());
        match line.and_then(|line| places[line].pop().map(|place| (line, place))) {
            Some((line, place)) => {
                able[line] += 1;
                row[place] = Some(clerk);
            }
            None => rest.push(clerk),
        }
    }
    // The others tap what is left and are refused by the rules.
    for place in row.iter_mut().filter(|place| place.is_none()) {
        *place = rest.pop();
    }
    Ok((row.into_iter().flatten().collect(), able))
}

/// Stops the round and waits until what was not sold has gone back.
pub(super) async fn end(supervisor: &Api, round_id: RoundId) -> Result<(), Failure> {
    let reason = json!({ "reason": "the smoke run is over" });
    supervisor.post::<Value>(&format!("/rounds/{round_id}/stop"), &reason).await?;
    for _ in 0..300 {
        let state = read(supervisor, round_id).await?.state;
        if matches!(state, RoundState::Closed | RoundState::Archived) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the round was stopped and is not closed after 30 s".into())
}
