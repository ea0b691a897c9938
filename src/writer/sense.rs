//! What an entry means for the books. Whatever no script writes is broken, and says why.
//!
//! The entry was already read; here its values are looked at. Everything that Postgres could choke on is refused: a decision
//! that is out of range or does not add up must be set aside, not be tried for ever.

use crate::{
    domain::{
        claim::{LINES_MAX, QTY_MAX, Verdict, VerdictStatus},
        clock::UnixMs,
        ids::{ClaimId, RoundId},
    },
    storage::ledger::{Change, DecidedClaim, What},
    stream::{Entry, EntryKind},
};
use std::ops::RangeInclusive;

/// Up to the year 9999: Postgres' own times end not much later.
const TIMES: RangeInclusive<i64> = 1..=253_402_300_799_999;
/// Up to ten years.
const SHIFTS: RangeInclusive<i64> = 0..=315_360_000_000;

/// Decisions that the entry holds, readable or not: what the script counted as appended.
pub(super) fn decisions(entry: &Entry) -> usize {
    match &entry.kind {
        EntryKind::Claims { decisions, .. } => decisions.len(),
        EntryKind::Broken { .. } => {
            let body = entry.fields.iter().find(|(name, _)| name == "body");
            body.map_or(0, |(_, body)| body.lines().count())
        }
        _ => 0,
    }
}

pub(super) fn what(kind: EntryKind) -> What {
    understand(kind).unwrap_or_else(What::Broken)
}

fn understand(kind: EntryKind) -> Result<What, String> {
    match kind {
        EntryKind::Broken { why } => Err(why),
        EntryKind::Claims { round_id, decisions, .. } => {
            let claims = decisions.into_iter().map(decided).collect::<Result<_, _>>()?;
            Ok(What::Claims { round_id, claims })
        }
        EntryKind::Open { round_id, at_ms, intent_no } => control(round_id, at_ms, intent_no, Change::Open),
        EntryKind::Pause { round_id, at_ms, intent_no } => control(round_id, at_ms, intent_no, Change::Pause),
        EntryKind::Resume { round_id, at_ms, intent_no, shift_ms } => {
            within("shift_ms", shift_ms, &SHIFTS)?;
            control(round_id, at_ms, intent_no, Change::Resume { shift_ms })
        }
        EntryKind::Extend { round_id, at_ms, intent_no, closes_ms } => {
            within("closes_ms", closes_ms, &TIMES)?;
            control(round_id, at_ms, intent_no, Change::Extend { closes_ms })
        }
        EntryKind::Close { round_id, at_ms, intent_no } => control(round_id, at_ms, intent_no, Change::Close),
        EntryKind::Bless { lost_ms, .. } => {
            for (_, ms) in &lost_ms {
                within("lost", *ms, &SHIFTS)?;
            }
            Ok(What::Bless { lost_ms })
        }
    }
}

fn control(round_id: RoundId, at_ms: UnixMs, intent_no: i64, change: Change) -> Result<What, String> {
    within("at", at_ms, &TIMES)?;
    Ok(What::Control { round_id, intent_no, at_ms, change })
}

fn decided((claim_id, packed, verdict): (ClaimId, String, Verdict)) -> Result<DecidedClaim, String> {
    check(&verdict, &packed).map_err(|why| format!("claim {claim_id}: {why}"))?;
    Ok(DecidedClaim { claim_id, packed, verdict })
}

fn check(verdict: &Verdict, packed: &str) -> Result<(), String> {
    let lines = &verdict.lines;
    within("decided_ms", verdict.decided_ms, &TIMES)?;
    if !packed.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("a verdict is plain text".to_owned());
    }
    if !(1..=LINES_MAX).contains(&lines.len()) {
        return Err(format!("{} lines", lines.len()));
    }
    if lines.iter().enumerate().any(|(i, line)| lines[..i].iter().any(|other| other.line_id == line.line_id)) {
        return Err("a line twice".to_owned());
    }
    // A refused claim may have asked for anything that a client can send; a granted one is in range.
    if !lines.iter().all(|line| line.granted == 0 || (1..=line.asked.min(QTY_MAX)).contains(&line.granted)) {
        return Err("a grant out of range".to_owned());
    }
    let status = match (verdict.granted(), lines.iter().all(|line| line.granted == line.asked)) {
        (0, _) => VerdictStatus::Refused,
        (_, true) => VerdictStatus::Won,
        (_, false) => VerdictStatus::PartlyWon,
    };
    if verdict.status == status { Ok(()) } else { Err("the status is not that of its lines".to_owned()) }
}

fn within(name: &str, value: i64, range: &RangeInclusive<i64>) -> Result<(), String> {
    if range.contains(&value) { Ok(()) } else { Err(format!("its {name} is {value}")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entry(fields: &[(&str, &str)]) -> Entry {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Entry::read("1-0".to_owned(), fields)
    }

    fn body(status: char, asked: &str, granted: &str) -> String {
        let id = Uuid::nil();
        format!("{id}|ab|{id}|{id}|P|{status}||1700000000000|3|77|{id},{asked},{granted},")
    }

    fn claims(body: &str) -> Entry {
        entry(&[("n", "1"), ("kind", "claims"), ("round", &Uuid::nil().to_string()), ("at", "5"), ("body", body)])
    }

    #[test]
    fn a_call_s_decisions_keep_their_order() {
        let read = claims(&format!("{}\n{}", body('W', "6", "6"), body('P', "12", "6")));
        assert_eq!(decisions(&read), 2);
        let What::Claims { claims, .. } = what(read.kind) else { panic!() };
        assert_eq!(claims.iter().map(|c| c.verdict.lines[0].asked).collect::<Vec<_>>(), [6, 12]);
    }

    #[test]
    fn decisions_that_no_script_makes_are_broken_but_counted() {
        let id = Uuid::nil();
        let good = body('W', "6", "6");
        let broken = [
            body('W', "6", "5"),
            body('P', "6", "7"),
            body('R', "0", "1"),
            body('P', "6", "-6"),
            body('W', "10000001", "10000001"),
            body('R', "6", "0").replace("1700000000000", "0"),
            body('R', "6", "0").replace("1700000000000", "9000000000000000"),
            body('R', "6", "0").replace("|ab|", "|a\0b|"),
            format!("{good};{id},6,6,"),
            "x".to_owned(),
        ];
        assert!(matches!(what(claims(&good).kind), What::Claims { .. }));
        assert!(matches!(what(claims(&body('R', "6", "0")).kind), What::Claims { .. }));
        for body in broken {
            let read = claims(&format!("{good}\n{body}"));
            assert_eq!(decisions(&read), 2);
            assert!(matches!(what(read.kind), What::Broken(_)), "{body}");
        }
    }

    #[test]
    fn times_and_shifts_beyond_reason_are_broken() {
        let round = Uuid::nil().to_string();
        let read = |kind: &str, at: &str, shift: &str| {
            let head = [("n", "4"), ("round", round.as_str()), ("intent_no", "2"), ("kind", kind), ("at", at)];
            let lost = format!("{round}:{shift}");
            let more = [("shift_ms", shift), ("closes_ms", shift), ("lost", lost.as_str())];
            what(entry(&[&head[..], &more].concat()).kind)
        };
        assert!(matches!(read("resume", "5", "7"), What::Control { change: Change::Resume { shift_ms: 7 }, .. }));
        assert!(matches!(read("bless", "5", "7"), What::Bless { lost_ms } if lost_ms[0].1 == 7));
        for (kind, at, shift) in [
            ("open", "0", "7"),
            ("open", "253402300800000", "7"),
            ("resume", "5", "315360000001"),
            ("bless", "5", "315360000001"),
            ("extend", "5", "253402300800000"),
        ] {
            assert!(matches!(read(kind, at, shift), What::Broken(_)), "{kind} {at} {shift}");
        }
    }
}
