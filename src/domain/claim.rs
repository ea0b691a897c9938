//! A claim, and the verdict on it.
//!
//! The verdict's *packed* text is made by `lua/claim.lua` and is the same everywhere: in the reply, under the claim's
//! id in Redis, in the log and in Postgres. So a repeated id reads the first verdict, whoever answers.
//! `body_hash|store|user|mode|status|reason|decided_ms|epoch|n|lines`, lines = `line,asked,granted,reason` joined by `;`.

use super::{
    clock::UnixMs,
    ids::{ClaimId, LineId, RoundId, StoreId, UserId},
    reason::Reason,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A basket holds at most this many lines: 64 claims of 20 lines stay far below Lua's stack limit of 8,000 values.
pub const LINES_MAX: usize = 20;
/// No claim line is larger: ten million units is beyond any store, and products with a price stay below 2^53.
pub const QTY_MAX: i64 = 10_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClaimMode {
    /// Any failing line refuses the whole basket.
    AllOrNone,
    /// Whatever fits is granted.
    Partial,
}

impl ClaimMode {
    pub fn letter(self) -> char {
        match self {
            Self::AllOrNone => 'A',
            Self::Partial => 'P',
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimLine {
    pub line_id: LineId,
    /// Base units, 1 to 10,000,000.
    pub qty: i64,
}

/// A well-formed claim. Store, user and auth version come from the session, never from the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub claim_id: ClaimId,
    pub round_id: RoundId,
    pub store_id: StoreId,
    pub user_id: UserId,
    /// Which state of the user the session was opened under; decided is nothing once the user was changed.
    pub auth_version: i64,
    pub mode: ClaimMode,
    /// Sorted by line id, each line once.
    lines: Vec<ClaimLine>,
}

impl Claim {
    /// Checks the shape: 1–20 different lines with positive quantities. `None` is E20.
    pub fn new(
        claim_id: ClaimId,
        round_id: RoundId,
        store_id: StoreId,
        user_id: UserId,
        auth_version: i64,
        mode: ClaimMode,
        mut lines: Vec<ClaimLine>,
    ) -> Option<Self> {
        lines.sort();
        let shaped = (1..=LINES_MAX).contains(&lines.len())
            && lines.iter().all(|line| (1..=QTY_MAX).contains(&line.qty))
            && lines.windows(2).all(|pair| pair[0].line_id != pair[1].line_id);
        shaped.then_some(Self { claim_id, round_id, store_id, user_id, auth_version, mode, lines })
    }

    pub fn lines(&self) -> &[ClaimLine] {
        &self.lines
    }

    /// What a repeated id must match: store, mode and sorted lines; the first 16 bytes of SHA-256, as hex.
    pub fn body_hash(&self) -> String {
        let mut sum = Sha256::new();
        sum.update(self.store_id.0.as_bytes());
        sum.update([self.mode.letter() as u8]);
        for line in &self.lines {
            sum.update(line.line_id.0.as_bytes());
            sum.update(line.qty.to_be_bytes());
        }
        hex::encode(&sum.finalize()[..16])
    }

    /// As the claim script reads it: `claim|hash|store|user|mode|auth version|line,qty;line,qty`. From hash to mode it is
    /// the verdict's beginning.
    pub fn packed(&self) -> String {
        use std::fmt::Write;
        let mut text = String::with_capacity(160 + 48 * self.lines.len());
        let head = write!(
            text,
            "{}|{}|{}|{}|{}|{}|",
            self.claim_id,
            self.body_hash(),
            self.store_id,
            self.user_id,
            self.mode.letter(),
            self.auth_version
        );
        debug_assert!(head.is_ok(), "writing to a String cannot fail");
        for (i, line) in self.lines.iter().enumerate() {
            if i > 0 {
                text.push(';');
            }
            text.push_str(&line.line_id.to_string());
            text.push(',');
            text.push_str(&line.qty.to_string());
        }
        text
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictStatus {
    Won,
    PartlyWon,
    Refused,
}

impl VerdictStatus {
    /// As it stands in the books.
    pub fn name(self) -> &'static str {
        match self {
            Self::Won => "won",
            Self::PartlyWon => "partly_won",
            Self::Refused => "refused",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineVerdict {
    pub line_id: LineId,
    pub asked: i64,
    pub granted: i64,
    /// Why less than asked was granted.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// A decided claim's verdict: final, and the same for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub body_hash: String,
    pub store_id: StoreId,
    pub user_id: UserId,
    pub mode: ClaimMode,
    pub status: VerdictStatus,
    /// The first failing check, in the order of R5; none when everything was won.
    pub reason: Option<Reason>,
    pub decided_ms: UnixMs,
    pub epoch: i64,
    /// The log entry that holds the decision, within its epoch.
    pub n: i64,
    pub lines: Vec<LineVerdict>,
}

impl Verdict {
    /// Reads the packed text; `None` when it is not one.
    pub fn parse(packed: &str) -> Option<Self> {
        let mut parts = packed.split('|');
        let verdict = Self {
            body_hash: parts.next()?.to_owned(),
            store_id: parts.next()?.parse().ok()?,
            user_id: parts.next()?.parse().ok()?,
            mode: match parts.next()? {
                "A" => ClaimMode::AllOrNone,
                "P" => ClaimMode::Partial,
                _ => return None,
            },
            status: match parts.next()? {
                "W" => VerdictStatus::Won,
                "P" => VerdictStatus::PartlyWon,
                "R" => VerdictStatus::Refused,
                _ => return None,
            },
            reason: optional_reason(parts.next()?)?,
            decided_ms: parts.next()?.parse().ok()?,
            epoch: parts.next()?.parse().ok()?,
            n: parts.next()?.parse().ok()?,
            lines: parts.next()?.split(';').map(parse_line).collect::<Option<_>>()?,
        };
        parts.next().is_none().then_some(verdict)
    }

    pub fn granted(&self) -> i64 {
        self.lines.iter().map(|line| line.granted).sum()
    }
}

fn parse_line(text: &str) -> Option<LineVerdict> {
    let mut parts = text.split(',');
    let line = LineVerdict {
        line_id: parts.next()?.parse().ok()?,
        asked: parts.next()?.parse().ok()?,
        granted: parts.next()?.parse().ok()?,
        reason: optional_reason(parts.next()?)?,
    };
    parts.next().is_none().then_some(line)
}

/// The empty text is no reason; anything else must be one.
#[expect(clippy::option_option, reason = "outer: readable at all, inner: is there a reason")]
fn optional_reason(text: &str) -> Option<Option<Reason>> {
    if text.is_empty() { Some(None) } else { Reason::parse(text).map(Some) }
}

/// What became of one claim call, seen from the node. Losing is an answer, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    Decided(Verdict),
    /// Nothing was decided, no trace was left, the same id may be sent again.
    NotDecided(Reason),
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn claim(lines: Vec<ClaimLine>) -> Option<Claim> {
        Claim::new(
            ClaimId(Uuid::nil()),
            RoundId(Uuid::nil()),
            StoreId(Uuid::nil()),
            UserId(Uuid::nil()),
            1,
            ClaimMode::Partial,
            lines,
        )
    }

    #[test]
    fn the_order_of_lines_does_not_change_the_body() {
        let (a, b) = (ClaimLine { line_id: LineId::new(), qty: 6 }, ClaimLine { line_id: LineId::new(), qty: 12 });
        assert_eq!(claim(vec![a, b]).map(|c| c.body_hash()), claim(vec![b, a]).map(|c| c.body_hash()));
        assert_ne!(claim(vec![a]).map(|c| c.body_hash()), claim(vec![b]).map(|c| c.body_hash()));
    }

    #[test]
    fn a_basket_without_lines_with_a_line_twice_or_with_no_quantity_is_no_claim() {
        let line = ClaimLine { line_id: LineId::new(), qty: 1 };
        assert!(claim(vec![]).is_none());
        assert!(claim(vec![line, line]).is_none());
        for qty in [0, -1, QTY_MAX + 1, i64::MAX] {
            assert!(claim(vec![ClaimLine { qty, ..line }]).is_none(), "{qty}");
        }
        assert!(claim((0..21).map(|_| ClaimLine { line_id: LineId::new(), qty: 1 }).collect()).is_none());
    }

    #[test]
    fn a_packed_verdict_is_read_whole_or_not_at_all() {
        let id = Uuid::nil();
        let text = format!("abc|{id}|{id}|P|P|E10:48:12|1700000000000|3|77|{id},60,48,E10:48:12;{id},6,6,");
        let verdict = Verdict::parse(&text).expect("reads");
        assert_eq!((verdict.status, verdict.granted(), verdict.n), (VerdictStatus::PartlyWon, 54, 77));
        assert_eq!(verdict.lines[0].reason, Some(Reason::LineCap { cap: 48, left: 12 }));
        assert_eq!(verdict.lines[1].reason, None);
        for broken in [&text[..text.len() - 1], &format!("{text}|x"), &text.replace("E10:48:12", "E99"), ""] {
            assert_eq!(Verdict::parse(broken), None, "{broken}");
        }
    }
}
