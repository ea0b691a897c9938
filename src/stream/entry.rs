//! One entry of the log, read whole or found broken. A broken one keeps its fields, so that it can be set aside as it came.

use crate::domain::{
    claim::Verdict,
    clock::UnixMs,
    ids::{ClaimId, RoundId},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As Redis names it: the position after this entry.
    pub id: String,
    /// Dense within the epoch, from 1. `None` only when not even this could be read.
    pub n: Option<i64>,
    /// As they came.
    pub fields: Vec<(String, String)>,
    pub kind: EntryKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The decisions of one call, in their order: the claim, its packed verdict and what that says.
    Claims {
        round_id: RoundId,
        at_ms: UnixMs,
        decisions: Vec<(ClaimId, String, Verdict)>,
    },
    Open {
        round_id: RoundId,
        at_ms: UnixMs,
        intent_no: i64,
    },
    Pause {
        round_id: RoundId,
        at_ms: UnixMs,
        intent_no: i64,
    },
    /// `shift_ms` is the round's new total.
    Resume {
        round_id: RoundId,
        at_ms: UnixMs,
        intent_no: i64,
        shift_ms: i64,
    },
    /// `closes_ms` as planned, before shifts.
    Extend {
        round_id: RoundId,
        at_ms: UnixMs,
        intent_no: i64,
        closes_ms: UnixMs,
    },
    /// After it no claim of the round is decided.
    Close {
        round_id: RoundId,
        at_ms: UnixMs,
        intent_no: i64,
    },
    /// The pool decides again; what each of these rounds lost while it was fenced was added to its shift.
    Bless {
        at_ms: UnixMs,
        lost_ms: Vec<(RoundId, i64)>,
    },
    /// Cannot be read, and why.
    Broken {
        why: String,
    },
}

impl Entry {
    pub fn read(id: String, fields: Vec<(String, String)>) -> Self {
        let n = fields.iter().find(|(name, _)| name == "n").and_then(|(_, text)| text.parse().ok()).filter(|n| *n > 0);
        let kind = match (n, Fields(&fields).kind()) {
            (Some(_), Ok(kind)) => kind,
            (None, Ok(_)) => EntryKind::Broken { why: "its number cannot be read".to_owned() },
            (_, Err(why)) => EntryKind::Broken { why },
        };
        Self { id, n, fields, kind }
    }
}

struct Fields<'a>(&'a [(String, String)]);

impl Fields<'_> {
    fn kind(&self) -> Result<EntryKind, String> {
        let at_ms = self.number("at")?;
        if self.text("kind")? == "bless" {
            let lost = self.text("lost")?.split(',').filter(|one| !one.is_empty()).map(lost);
            return Ok(EntryKind::Bless { at_ms, lost_ms: lost.collect::<Result<_, _>>()? });
        }
        let round_id = self.text("round")?.parse().map_err(|_| "its round cannot be read".to_owned())?;
        if self.text("kind")? == "claims" {
            let decisions = self.text("body")?.lines().map(decision).collect::<Result<Vec<_>, _>>()?;
            if decisions.is_empty() {
                return Err("it decides nothing".to_owned());
            }
            return Ok(EntryKind::Claims { round_id, at_ms, decisions });
        }
        let intent_no = self.number("intent_no")?;
        Ok(match self.text("kind")? {
            "open" => EntryKind::Open { round_id, at_ms, intent_no },
            "pause" => EntryKind::Pause { round_id, at_ms, intent_no },
            "resume" => EntryKind::Resume { round_id, at_ms, intent_no, shift_ms: self.number("shift_ms")? },
            "extend" => EntryKind::Extend { round_id, at_ms, intent_no, closes_ms: self.number("closes_ms")? },
            "close" => EntryKind::Close { round_id, at_ms, intent_no },
            other => return Err(format!("its kind {other:?} is unknown")),
        })
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, text)| text.as_str()).ok_or_else(|| format!("it has no {name}"))
    }

    /// Times, numbers and shifts are never negative.
    fn number(&self, name: &str) -> Result<i64, String> {
        let text = self.text(name)?;
        natural(text).ok_or_else(|| format!("its {name} is {text:?}"))
    }
}

fn natural(text: &str) -> Option<i64> {
    text.parse().ok().filter(|n| *n >= 0)
}

/// `<round>:<milliseconds>`
fn lost(text: &str) -> Result<(RoundId, i64), String> {
    let read = || {
        let (round, lost_ms) = text.split_once(':')?;
        Some((round.parse().ok()?, natural(lost_ms)?))
    };
    read().ok_or_else(|| format!("no round with its lost time: {text:?}"))
}

/// `<claim>|<packed verdict>`
fn decision(line: &str) -> Result<(ClaimId, String, Verdict), String> {
    let read = || {
        let (claim, packed) = line.split_once('|')?;
        Some((claim.parse().ok()?, packed.to_owned(), Verdict::parse(packed)?))
    };
    read().ok_or_else(|| format!("a decision cannot be read: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn read(pairs: &[(&str, &str)]) -> Entry {
        Entry::read("1-0".to_owned(), fields(pairs))
    }

    #[test]
    fn every_kind_is_read_whole() {
        let id = Uuid::nil();
        let round = id.to_string();
        let body = format!("{id}|h|{id}|{id}|A|R|E04|5|1|7|{id},6,0,\n{id}|h|{id}|{id}|P|W||5|1|7|{id},6,6,");
        let entry = read(&[("n", "7"), ("kind", "claims"), ("round", &round), ("at", "5"), ("body", &body)]);
        assert_eq!(entry.n, Some(7));
        assert!(matches!(&entry.kind, EntryKind::Claims { decisions, at_ms: 5, .. } if decisions.len() == 2
            && format!("{}|{}", decisions[1].0, decisions[1].1) == body.lines().last().unwrap()));

        let intent = |kind: &str, more: &[(&str, &str)]| {
            let head = [("n", "1"), ("kind", kind), ("round", &round), ("at", "5"), ("intent_no", "3")];
            read(&[&head[..], more].concat()).kind
        };
        let (round_id, at_ms, intent_no) = (RoundId(id), 5, 3);
        assert_eq!(intent("open", &[]), EntryKind::Open { round_id, at_ms, intent_no });
        assert_eq!(intent("pause", &[]), EntryKind::Pause { round_id, at_ms, intent_no });
        assert_eq!(intent("close", &[]), EntryKind::Close { round_id, at_ms, intent_no });
        assert_eq!(
            intent("resume", &[("shift_ms", "9")]),
            EntryKind::Resume { round_id, at_ms, intent_no, shift_ms: 9 }
        );
        assert_eq!(
            intent("extend", &[("closes_ms", "9")]),
            EntryKind::Extend { round_id, at_ms, intent_no, closes_ms: 9 }
        );
        let bless = |lost: &str| read(&[("n", "1"), ("kind", "bless"), ("round", ""), ("at", "5"), ("lost", lost)]);
        assert_eq!(bless("").kind, EntryKind::Bless { at_ms, lost_ms: vec![] });
        assert_eq!(
            bless(&format!("{id}:0,{id}:8")).kind,
            EntryKind::Bless { at_ms, lost_ms: vec![(round_id, 0), (round_id, 8)] }
        );
        for wrong in [format!("{id}"), format!("{id}:"), format!("{id}:-1"), format!("{id}:1.5"), "x:1".to_owned()] {
            assert!(matches!(bless(&wrong).kind, EntryKind::Broken { .. }), "{wrong}");
        }
    }

    #[test]
    fn a_broken_entry_keeps_its_fields_and_says_why() {
        let id = Uuid::nil().to_string();
        let sound = [
            ("n", "1"),
            ("kind", "resume"),
            ("round", id.as_str()),
            ("at", "5"),
            ("intent_no", "3"),
            ("shift_ms", "9"),
        ];
        assert!(!matches!(read(&sound).kind, EntryKind::Broken { .. }));
        for at in 0..sound.len() {
            for wrong in ["", "-1", "x", "1.5", "9223372036854775808"] {
                let mut pairs = sound;
                pairs[at].1 = wrong;
                let entry = read(&pairs);
                assert!(matches!(entry.kind, EntryKind::Broken { .. }), "{pairs:?}");
                assert_eq!(entry.fields, fields(&pairs));
            }
            let mut short = sound.to_vec();
            short.remove(at);
            assert!(matches!(read(&short).kind, EntryKind::Broken { .. }), "{short:?}");
        }
        for body in ["", "x", "\n", &format!("{id}|h|{id}|{id}|A|R|E99|5|1|7|{id},6,0,")] {
            let entry = read(&[("n", "1"), ("kind", "claims"), ("round", &id), ("at", "5"), ("body", body)]);
            assert!(matches!(entry.kind, EntryKind::Broken { .. }), "{body:?}");
            assert_eq!(entry.n, Some(1));
        }
    }
}
