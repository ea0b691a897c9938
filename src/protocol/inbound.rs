//! What a client may say. Unknown fields are refused: a misspelt field must not be a silently different claim.

use crate::domain::{
    claim::{ClaimLine, ClaimMode},
    ids::{ClaimId, RoundId},
    named::{self, Named},
};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum In {
    /// First frame, within 5 s.
    Hello {
        /// `h5`, `miniprogram`, `console`, `k6`…
        client: String,
        version: String,
        #[serde(default, deserialize_with = "named::option")]
        resume: Option<Resume>,
    },
    /// Renews the session with a fresh ticket of the same user and store.
    Auth {
        ticket: String,
    },
    /// Clock sync and heartbeat; `t0` is the client's own clock and comes back untouched.
    Ping {
        t0: Stamp,
    },
    Claim {
        claim_id: ClaimId,
        round_id: RoundId,
        #[serde(deserialize_with = "named::all")]
        lines: Vec<ClaimLine>,
        mode: ClaimMode,
    },
    ClaimStatus {
        round_id: RoundId,
        claim_id: ClaimId,
    },
    /// Send this round's state now and on every change (headquarters also get its board).
    Watch {
        round_id: RoundId,
    },
}

impl In {
    /// Reads one text frame, whole or not at all.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(|Named(frame)| frame)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The last store event that the client has.
    pub store_seq: i64,
}

/// A client's time stamp: any JSON number, handed back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct Stamp(pub serde_json::Number);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// JSON of any shape, with the words of the protocol in it.
    fn json() -> impl Strategy<Value = serde_json::Value> {
        let word = prop::sample::select(vec![
            "t",
            "claim",
            "hello",
            "ping",
            "watch",
            "auth",
            "claim_status",
            "claim_id",
            "round_id",
            "lines",
            "line_id",
            "qty",
            "mode",
            "PARTIAL",
            "t0",
            "ticket",
            "resume",
            "store_seq",
            "client",
            "version",
        ]);
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            word.clone().prop_map(Into::into),
            ".{0,12}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(word.clone(), inner, 0..6)
                    .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_text_upsets_the_reading(text in prop_oneof![".{0,200}", json().prop_map(|value| value.to_string())]) {
            // Whatever is understood was an object with a known type.
            if In::read(&text).is_ok() {
                let value: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
                prop_assert!(value["t"].is_string(), "{}", text);
            }
        }

        #[test]
        fn a_claim_is_read_as_it_was_said_and_with_one_more_field_not_at_all(
            qty: i64, lines in 0..25_usize, all_or_none: bool, extra in "[a-z_]{1,12}",
        ) {
            let (claim_id, round_id) = (ClaimId::new(), RoundId::new());
            let mode = if all_or_none { ClaimMode::AllOrNone } else { ClaimMode::Partial };
            let line_id = crate::domain::ids::LineId::new();
            let lines = vec![ClaimLine { line_id, qty }; lines];
            let said = serde_json::json!({
                "t": "claim", "claim_id": claim_id, "round_id": round_id, "lines": lines, "mode": mode,
            });
            prop_assert_eq!(In::read(&said.to_string()).ok(), Some(In::Claim { claim_id, round_id, lines, mode }));
            let known = said.get(&extra).is_some();
            let mut more = said;
            more[&extra] = 1.into();
            prop_assert!(known || In::read(&more.to_string()).is_err());
        }
    }
}
