//! `claim.lua`: up to 64 claims of one round, decided in one call.

use super::call::{Lua, Reply, lua};
use crate::domain::{
    claim::{Claim, Verdict},
    clock::UnixMs,
    ids::RoundId,
    reason::Reason,
};
use crate::hot::{
    HotError, HotPool, Keys,
    link::{CLAIM_TIMEOUT, Link},
};
use std::sync::{Arc, LazyLock};

static CLAIM: LazyLock<Lua> = lua!("claim", "fence.lua", "records.lua", "claim.lua");

/// One claim loop's way to Redis: a connection of its own, one call at a time.
pub struct Claimer {
    link: Link,
    keys: Arc<Keys>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimReply {
    /// One answer a claim, in their order.
    Ok { now_ms: UnixMs, replies: Vec<ClaimAnswer> },
    /// The call came after its deadline and decided nothing.
    Stale { now_ms: UnixMs },
    /// The round is not loaded in this epoch.
    Unknown { now_ms: UnixMs },
    /// This process is not the one blessed for the pool.
    Fenced,
    /// The pool is in this epoch.
    Epoch(i64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimAnswer {
    Decided(Verdict),
    /// Decided earlier; this is that verdict.
    Known(Verdict),
    NotDecided(Reason),
    /// Not decided: the user was changed since the claim's session signed in.
    SignedOut,
}

impl HotPool {
    pub async fn claimer(&self) -> Result<Claimer, HotError> {
        let link = self.dedicated(CLAIM_TIMEOUT);
        link.connect().await?;
        Ok(Claimer { link, keys: Arc::clone(&self.keys) })
    }
}

impl Claimer {
    /// After an error the outcome may be unknown: the same claims are to be sent again.
    pub async fn claim(
        &mut self,
        epoch: i64,
        deadline_ms: UnixMs,
        backlog_max: i64,
        round_id: RoundId,
        claims: &[&Claim],
    ) -> Result<ClaimReply, HotError> {
        let keys = [
            self.keys.pool(),
            self.keys.round(round_id),
            self.keys.lines(round_id),
            self.keys.invited(round_id),
            self.keys.taken(round_id),
            self.keys.claims(round_id),
            self.keys.counters(),
            self.keys.suspended(),
            self.keys.users(),
            self.keys.log(epoch),
        ];
        let mut arguments = Vec::with_capacity(4 + claims.len());
        arguments.extend([epoch.to_string(), round_id.to_string(), deadline_ms.to_string(), backlog_max.to_string()]);
        arguments.extend(claims.iter().map(|claim| claim.packed()));
        let reply = CLAIM.run(&self.link, &keys, &arguments).await?;
        read(&reply, claims.len())
    }
}

fn read(reply: &Reply, claims: usize) -> Result<ClaimReply, HotError> {
    Ok(match reply.first() {
        "ok" => {
            let (pairs, rest) = reply.rest(2).as_chunks::<2>();
            if pairs.len() != claims || !rest.is_empty() {
                return Err(reply.unknown());
            }
            let replies = pairs.iter().map(|[word, text]| answer(word, text)).collect::<Result<_, _>>()?;
            ClaimReply::Ok { now_ms: reply.number(1)?, replies }
        }
        "stale" => ClaimReply::Stale { now_ms: reply.number(1)? },
        "unknown" => ClaimReply::Unknown { now_ms: reply.number(1)? },
        "fenced" => ClaimReply::Fenced,
        "epoch" => ClaimReply::Epoch(reply.number(1)?),
        _ => return Err(reply.unknown()),
    })
}

fn answer(word: &str, text: &str) -> Result<ClaimAnswer, HotError> {
    let answer = match word {
        "D" => Verdict::parse(text).map(ClaimAnswer::Decided),
        "K" => Verdict::parse(text).map(ClaimAnswer::Known),
        "N" if text == "signed_out" => Some(ClaimAnswer::SignedOut),
        "N" => Reason::parse(text).map(ClaimAnswer::NotDecided),
        _ => None,
    };
    answer.ok_or_else(|| HotError::Corrupt(format!("claim answered {word} {text}")))
}
