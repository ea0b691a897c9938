//! Checks a round's chain: that every decision is still what it was, in its place, and that the claims and orders beside
//! it say the same.

use super::Result;
use crate::domain::{chain, claim::Verdict, ids::RoundId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Read at once; a round of a million decisions is checked in constant memory.
const PAGE: i64 = 2_000;
/// More faults than this are counted, but not described.
const FAULTS_TOLD: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Links checked.
    pub events: i64,
    pub faults: usize,
    /// The first of them: the link's number and what is wrong with it.
    pub told: Vec<(i64, String)>,
}

impl Verification {
    pub fn is_sound(&self) -> bool {
        self.faults == 0
    }

    fn fault(&mut self, n: i64, what: impl Into<String>) {
        self.faults += 1;
        if self.told.len() < FAULTS_TOLD {
            self.told.push((n, what.into()));
        }
    }
}

/// Walks the chain from its first link. Call it in a repeatable-read transaction when the round is still live.
pub async fn verify(conn: &mut PgConnection, round_id: RoundId) -> Result<Verification> {
    let mut found = Verification::default();
    let (mut n, mut hash) = (0, Vec::new());
    loop {
        let page = read_page(conn, round_id, n).await?;
        let claims = read_claims(conn, round_id, &page).await?;
        let full = i64::try_from(page.len()).is_ok_and(|len| len == PAGE);
        for link in page {
            if link.n != n + 1 {
                found.fault(n + 1, "missing");
            }
            if let Some(what) = fault(&link, &hash, &claims) {
                found.fault(link.n, what);
            }
            found.events += 1;
            // The stored hash goes on, so that one altered link is one fault and not a fault of all that follow.
            (n, hash) = (link.n, link.hash);
        }
        if !full {
            break;
        }
    }
    let (head_n, head_hash, claims): (i64, Vec<u8>, i64) = sqlx::query_as(
        "select chain_n, chain_hash, (select count(*) from claims where round_id = $1)
           from rounds
          where id = $1",
    )
    .bind(round_id)
    .fetch_one(conn)
    .await?;
    if (head_n, &head_hash) != (n, &hash) {
        found.fault(n, format!("the round ends at link {head_n}, the chain here"));
    }
    if claims != found.events {
        found.fault(n, format!("{claims} claims, but {} links", found.events));
    }
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct Link {
    n: i64,
    event: String,
    hash: Vec<u8>,
}

/// A claim's row, and what its orders hold.
#[derive(sqlx::FromRow)]
struct Claim {
    claim_id: Uuid,
    store_id: Uuid,
    user_id: Uuid,
    status: String,
    code: Option<String>,
    verdict: String,
    granted: i64,
    revoked: i64,
    decided_at: DateTime<Utc>,
    chain_n: i64,
    ordered: i64,
}

async fn read_page(conn: &mut PgConnection, round_id: RoundId, after: i64) -> Result<Vec<Link>> {
    sqlx::query_as(
        "select n, event, hash
           from round_events
          where round_id = $1
            and n > $2
          order by n
          limit $3",
    )
    .bind(round_id)
    .bind(after)
    .bind(PAGE)
    .fetch_all(conn)
    .await
}

async fn read_claims(conn: &mut PgConnection, round_id: RoundId, page: &[Link]) -> Result<HashMap<Uuid, Claim>> {
    let ids: Vec<Uuid> = page.iter().filter_map(|link| Parts::of(&link.event)).map(|parts| parts.claim_id).collect();
    let claims: Vec<Claim> = sqlx::query_as(
        "select c.claim_id, c.store_id, c.user_id, c.status, c.code, c.verdict, c.granted, c.revoked, c.decided_at,
                c.chain_n,
                (select coalesce(sum(l.ordered), 0)::bigint
                   from orders o
                   join order_lines l on l.order_id = o.id
                  where o.round_id = c.round_id
                    and o.claim_id = c.claim_id) as ordered
           from claims c
          where c.round_id = $1
            and c.claim_id = any($2)",
    )
    .bind(round_id)
    .bind(ids)
    .fetch_all(conn)
    .await?;
    Ok(claims.into_iter().map(|claim| (claim.claim_id, claim)).collect())
}

/// What is wrong with a link whose past is `before`.
fn fault(link: &Link, before: &[u8], claims: &HashMap<Uuid, Claim>) -> Option<String> {
    if chain::link(before, &link.event) != link.hash {
        return Some("the hash is not that of the event and its past".to_owned());
    }
    let Some(parts) = Parts::of(&link.event) else { return Some("the event cannot be read".to_owned()) };
    if parts.n != link.n {
        return Some("the event belongs to another place".to_owned());
    }
    let Some(claim) = claims.get(&parts.claim_id) else { return Some(format!("no claim {}", parts.claim_id)) };
    let Some(verdict) = Verdict::parse(parts.packed) else { return Some("the verdict cannot be read".to_owned()) };
    if claim.verdict != parts.packed {
        return Some(format!("claim {} has another verdict", parts.claim_id));
    }
    let same = claim.chain_n == link.n
        && claim.store_id == verdict.store_id.0
        && claim.user_id == verdict.user_id.0
        && claim.status == verdict.status.name()
        && claim.code.as_deref() == verdict.reason.map(|reason| reason.code())
        && claim.granted == verdict.granted()
        && claim.revoked == parts.revoked
        && claim.decided_at.timestamp_millis() == verdict.decided_ms;
    if !same {
        return Some(format!("the row of claim {} differs from its verdict", parts.claim_id));
    }
    let kept = verdict.granted() - parts.revoked;
    (claim.ordered != kept)
        .then(|| format!("claim {} kept {kept} units, its orders hold {}", parts.claim_id, claim.ordered))
}

struct Parts<'a> {
    n: i64,
    claim_id: Uuid,
    packed: &'a str,
    /// Units taken back by the ledger.
    revoked: i64,
}

impl<'a> Parts<'a> {
    fn of(event: &'a str) -> Option<Self> {
        let (n, rest) = event.split_once('|')?;
        let (claim_id, rest) = rest.split_once('|')?;
        let (packed, decision) = rest.rsplit_once('|')?;
        let revoked = match decision {
            "W" | "P" | "R" => 0,
            _ => {
                let lines = decision.strip_prefix("V:")?.split(';');
                lines.map(|line| line.split_once(',')?.1.parse::<i64>().ok()).sum::<Option<i64>>()?
            }
        };
        Some(Self { n: n.parse().ok()?, claim_id: claim_id.parse().ok()?, packed, revoked })
    }
}
