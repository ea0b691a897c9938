//! Both nodes are restarted in turn, in the middle of a round, while clerks tap. Each keeps its claim's id until it is
//! decided, wherever that takes it; in the end every id must have one verdict, the same at both nodes and in the books.

use super::phone::{Heard, Phone, Turned};
use crate::{
    cli::{
        Failure,
        bench::{crowd::Clerk, http::Api, nodes::Node, round::Round},
        verify,
    },
    domain::{
        clock::{self, UnixMs},
        ids::{ClaimId, LineId, RoundId},
    },
    storage::{Db, tally},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use tokio::{task::JoinSet, time::Instant};

const CLAIMS_EACH: usize = 3;
/// Taps fall into this time after the opening; the restarts lie within.
const TAPPING: Duration = Duration::from_secs(15);
const FIRST_RESTART: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(40);
const AGAIN: Duration = Duration::from_millis(300);

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Figures {
    pub(super) claims: usize,
    pub(super) won: usize,
    /// Claims without a verdict, and wins without their order.
    pub(super) lost: usize,
    /// Claims or orders in the books beyond those that there must be.
    pub(super) doubled: usize,
    /// Verdicts that were another one when asked for again.
    pub(super) changed: usize,
    /// Sessions that moved to another node.
    pub(super) moved: usize,
}

/// One id's decision, in what must never change.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Verdict {
    status: String,
    lines: Value,
    decided_at_ms: i64,
}

struct Tapped {
    /// Whose they are.
    clerk: usize,
    answers: Vec<(ClaimId, Option<Verdict>)>,
    moved: usize,
}

pub(super) async fn run(nodes: &mut [Node; 2], clerks: &[Clerk], round: &Round, db: &Db) -> Result<Figures, Failure> {
    let addresses = [nodes[0].address.clone(), nodes[1].address.clone()];
    let mut tapping = JoinSet::new();
    for (i, clerk) in clerks.iter().enumerate() {
        let token = clerk.api.token().unwrap_or_default().to_owned();
        let line = &round.lines[i % round.lines.len()];
        let hand =
            Hand { round_id: round.round_id, line_id: line.line_id, pack: line.pack, opens_at_ms: round.opens_at_ms };
        tapping.spawn(hand.tap(i, addresses.clone(), token));
    }
    let opening = u64::try_from(round.opens_at_ms - clock::now_ms()).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(opening) + FIRST_RESTART).await;
    for node in nodes.iter_mut() {
        node.restart().await?;
    }
    let mut figures = Figures::default();
    let mut decided = Vec::new();
    while let Some(tapped) = tapping.join_next().await {
        let Tapped { clerk, answers, moved } = tapped?;
        figures.moved += moved;
        figures.claims += answers.len();
        for (claim_id, verdict) in answers {
            match verdict {
                Some(verdict) => decided.push((clerk, claim_id, verdict)),
                None => figures.lost += 1,
            }
        }
    }
    figures.won = decided.iter().filter(|(_, _, verdict)| verdict.status.ends_with("won")).count();
    for node in nodes.iter() {
        figures.changed += changed(&node.api, clerks, round.round_id, &decided).await?;
    }
    judge(&mut figures, db, round.round_id).await?;
    Ok(figures)
}

/// How many verdicts a node now tells otherwise; each is asked for by the clerk whose it is.
async fn changed(
    node: &Api,
    clerks: &[Clerk],
    round_id: RoundId,
    decided: &[(usize, ClaimId, Verdict)],
) -> Result<usize, Failure> {
    let mut changed = 0;
    for (clerk, claim_id, verdict) in decided {
        let path = format!("/rounds/{round_id}/claims/{claim_id}");
        let again: Verdict = node.as_somebody(&clerks[*clerk].api).get(&path).await?;
        changed += usize::from(again != *verdict);
    }
    Ok(changed)
}

async fn judge(figures: &mut Figures, db: &Db, round_id: RoundId) -> Result<(), Failure> {
    let due = i64::try_from(figures.won)?;
    let until = Instant::now() + PATIENCE;
    let books = loop {
        let books = tally::of_round(&mut *db.0.acquire().await?, round_id).await?;
        if books.ordered >= due || Instant::now() > until {
            break books;
        }
        tokio::time::sleep(AGAIN).await;
    };
    let claims = i64::try_from(figures.claims)?;
    figures.lost += usize::try_from((due - books.ordered).max(0))?;
    figures.doubled += usize::try_from((books.claims - claims).max(0) + (books.orders - books.orders_due).max(0))?;
    figures.doubled += verify::report(db).await?.wrong;
    Ok(())
}

/// What a clerk taps.
struct Hand {
    round_id: RoundId,
    line_id: LineId,
    pack: i64,
    opens_at_ms: UnixMs,
}

impl Hand {
    async fn tap(self, clerk: usize, nodes: [String; 2], token: String) -> Tapped {
        let mut line = Line { nodes, at: clerk % 2, token, phone: None, moved: 0 };
        let mut answers = Vec::new();
        let mut taps: Vec<i64> = (0..CLAIMS_EACH).map(|_| rand::random_range(0..TAPPING.as_millis() as i64)).collect();
        taps.sort_unstable();
        for tap in taps {
            line.listen_until(self.opens_at_ms + 50 + tap).await;
            let claim_id = ClaimId::new();
            let decided = tokio::time::timeout(PATIENCE, self.claim(&mut line, claim_id)).await;
            answers.push((claim_id, decided.ok()));
        }
        Tapped { clerk, answers, moved: line.moved }
    }

    /// Sends the same id until it is decided.
    async fn claim(&self, line: &mut Line, claim_id: ClaimId) -> Verdict {
        let (round_id, line_id, pack) = (self.round_id, self.line_id, self.pack);
        let frame = format!(
            r#"{{"t":"claim","claim_id":"{claim_id}","round_id":"{round_id}","lines":[{{"line_id":"{line_id}","qty":{pack}}}],"mode":"PARTIAL"}}"#
        );
        loop {
            match line.ask(&frame, claim_id).await {
                Some(Heard {
                    status: Some(status), lines: Some(lines), decided_at_ms: Some(decided_at_ms), ..
                }) => {
                    return Verdict { status, lines, decided_at_ms };
                }
                // Not decided, or the line broke: the same id again.
                Some(_) | None => tokio::time::sleep(AGAIN).await,
            }
        }
    }
}

/// A session that goes on at the other node when its own takes leave or dies.
struct Line {
    nodes: [String; 2],
    at: usize,
    token: String,
    phone: Option<Phone>,
    moved: usize,
}

impl Line {
    async fn phone(&mut self) -> &mut Phone {
        let phone = match self.phone.take() {
            Some(phone) => phone,
            None => self.open().await,
        };
        self.phone.insert(phone)
    }

    async fn open(&mut self) -> Phone {
        loop {
            match Phone::open(&self.nodes[self.at], &self.token, None).await {
                Ok(phone) => return phone,
                Err(turned) => {
                    self.at = 1 - self.at;
                    let after = if let Turned::Away(after) = turned { after } else { AGAIN };
                    tokio::time::sleep(after.min(Duration::from_secs(1))).await;
                }
            }
        }
    }

    /// The next frame; a farewell or a dead line moves the session.
    async fn next(&mut self) -> Option<Heard> {
        let heard = self.phone().await.next().await;
        match heard {
            Some(heard) if heard.t != "bye" => Some(heard),
            farewell => {
                self.phone = None;
                self.at = 1 - self.at;
                self.moved += 1;
                let after = farewell.and_then(|heard| heard.reconnect_after_ms).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(after)).await;
                None
            }
        }
    }

    async fn listen_until(&mut self, until_ms: UnixMs) {
        let wait = Duration::from_millis(u64::try_from(until_ms - clock::now_ms()).unwrap_or(0));
        let _then = tokio::time::timeout(wait, async {
            loop {
                self.next().await;
            }
        })
        .await;
    }

    /// Sends a claim and waits for what is said of it on this line.
    async fn ask(&mut self, frame: &str, claim_id: ClaimId) -> Option<Heard> {
        if self.phone().await.say(frame.to_owned()).await.is_err() {
            self.phone = None;
            return None;
        }
        loop {
            let heard = self.next().await?;
            if heard.claim_id == Some(claim_id) && (heard.t == "verdict" || heard.t == "error") {
                return Some(heard);
            }
        }
    }
}
