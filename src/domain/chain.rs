//! The chain of a round's decisions: what is hashed, and how.
//!
//! Each decision is one event; `h_n = SHA-256(h_(n−1) ‖ event_n)`, h_0 is empty. The event is this text, in UTF-8:
//! `n|claim_id|packed verdict|decision`. The packed verdict (ten fields, see `claim`) is what the script wrote, to the
//! byte. The decision is what the ledger made of it: `W`, `P` or `R` as the script said, or `V:line,units;line,units`
//! when units of it had to be revoked. Whoever keeps the last hash can tell whether anything before it was altered.

use super::{
    claim::VerdictStatus,
    ids::{ClaimId, LineId},
};
use sha2::{Digest, Sha256};
use std::fmt::Write;

pub type Hash = Vec<u8>;

/// What the ledger made of a verdict.
pub enum Decision<'a> {
    AsDecided(VerdictStatus),
    /// Units taken back, line by line.
    Revoked(&'a [(LineId, i64)]),
}

pub fn event(n: i64, claim_id: ClaimId, packed: &str, decision: &Decision<'_>) -> String {
    let mut text = format!("{n}|{claim_id}|{packed}|");
    match decision {
        Decision::AsDecided(VerdictStatus::Won) => text.push('W'),
        Decision::AsDecided(VerdictStatus::PartlyWon) => text.push('P'),
        Decision::AsDecided(VerdictStatus::Refused) => text.push('R'),
        Decision::Revoked(lines) => {
            text.push('V');
            for (i, (line_id, units)) in lines.iter().enumerate() {
                let joined = write!(text, "{}{line_id},{units}", if i == 0 { ':' } else { ';' });
                debug_assert!(joined.is_ok(), "writing to a String cannot fail");
            }
        }
    }
    text
}

pub fn link(before: &[u8], event: &str) -> Hash {
    let mut sum = Sha256::new();
    sum.update(before);
    sum.update(event.as_bytes());
    sum.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_hashed_text_is_the_documented_one() {
        let (claim, line) = (ClaimId(Uuid::nil()), LineId(Uuid::nil()));
        let id = Uuid::nil();
        assert_eq!(event(7, claim, "x|y", &Decision::AsDecided(VerdictStatus::PartlyWon)), format!("7|{id}|x|y|P"));
        assert_eq!(
            event(8, claim, "x", &Decision::Revoked(&[(line, 6), (line, 2)])),
            format!("8|{id}|x|V:{id},6;{id},2")
        );
    }

    #[test]
    fn the_first_link_hashes_the_event_alone_and_every_other_its_past() {
        assert_eq!(hex::encode(link(b"", "abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_ne!(link(&link(b"", "a"), "b"), link(b"", "b"));
    }
}
