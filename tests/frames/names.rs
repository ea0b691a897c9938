//! Types of frames, states, codes and limits: the document names those that the server has, and no others.

use super::{document, golden};
use graborder::{
    auth::doors::FRAMES,
    domain::{
        claim::{ClaimMode, LINES_MAX, QTY_MAX},
        event::{Notice, StateEvent, StoreEvent},
        order::{OrderState, ShipmentState},
        reason::{Reason, Span},
        round::RoundState,
    },
    protocol::{
        CloseCode, FRAME_BYTES_MAX, HEARTBEAT_MS, HELLO_MS_MAX, In, Out, SILENCE_MS_MAX, SUBPROTOCOL,
        outbound::VerdictFrameStatus,
    },
    push::{queue, ring},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The names of all variants, as serde itself tells them when it meets an unknown one.
fn names<T: DeserializeOwned>(unknown: Value) -> BTreeSet<String> {
    let told = serde_json::from_value::<T>(unknown).err().expect("an unknown variant is refused").to_string();
    let (_, expected) = told.split_once(", expected ").unwrap_or_else(|| panic!("{told}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// All variants of an enum that is only ever written. A variant that is not listed does not compile.
macro_rules! all {
    ($name:ident: $($variant:ident),+) => {{
        let _total = |one: &$name| match one { $($name::$variant { .. } => ()),+ };
        [$($name::$variant),+]
    }};
}

#[test]
fn the_document_and_the_server_know_the_same_names() {
    let document = document::read();
    let listen: BTreeSet<String> = document::messages(&document, "listen").into_iter().collect();
    assert_eq!(listen, names::<In>(json!({ "t": "?" })));

    let ruled: BTreeSet<String> = FRAMES.iter().map(|frame| frame.t.to_owned()).collect();
    assert_eq!(ruled, listen, "who may say it");

    let own = out_types();
    let of_store = names::<StoreEvent>(json!({ "t": "?" }));
    let tell: BTreeSet<String> = document::messages(&document, "tell").into_iter().collect();
    assert_eq!(tell, own.union(&of_store).cloned().collect());
    assert!(names::<StateEvent>(json!({ "t": "?" })).is_subset(&own));

    let mentioned = document["components"]["messages"].as_object().expect("messages").keys().cloned().collect();
    assert_eq!(listen.union(&tell).cloned().collect::<BTreeSet<_>>(), mentioned);
    let said: BTreeSet<String> = golden().values().map(|frame| frame["t"].as_str().expect("t").to_owned()).collect();
    assert_eq!(said, mentioned);

    for (schema, known) in [
        ("ClaimMode", names::<ClaimMode>(json!("?"))),
        ("RoundState", names::<RoundState>(json!("?"))),
        ("OrderState", names::<OrderState>(json!("?"))),
        ("ShipmentState", names::<ShipmentState>(json!("?"))),
        ("NoticeKind", names::<Notice>(json!({ "notice": "?" }))),
        ("Span", names::<Span>(json!("?"))),
    ] {
        assert_eq!(document::values(&document, schema), known, "{schema}");
    }
    let statuses = all!(VerdictFrameStatus: Won, PartlyWon, Refused, NotDecided)
        .map(|status| json!(status).as_str().expect("text").to_owned());
    assert_eq!(document::values(&document, "VerdictStatus"), statuses.into());
    let reasons = document["components"]["schemas"]["Reason"]["oneOf"].as_array().expect("reasons").iter();
    let codes =
        reasons.map(|reason| reason["properties"]["code"]["const"].as_str().expect("code").to_owned()).collect();
    assert_eq!(names::<Reason>(json!({ "code": "?", "numbers": {} })), codes);
}

/// The types of the frames that are no store events. Matching is total: a new one does not compile until it stands here.
fn out_types() -> BTreeSet<String> {
    let _total = |frame: &Out| match frame {
        Out::Welcome { .. } | Out::Snapshot { .. } | Out::Pong { .. } | Out::Verdict(_) => (),
        Out::Round(_) | Out::Board(_) | Out::Error(_) | Out::Bye { .. } => (),
    };
    ["welcome", "snapshot", "pong", "verdict", "round", "board", "error", "bye"].map(str::to_owned).into()
}

#[test]
fn the_document_and_the_server_know_the_same_numbers() {
    let document = document::read();
    let closes = all!(CloseCode: GoingAway, BrokenFrame, NotText, BadText, TooBig, Restart, TryAgain, BadFrame, SignIn, NotYours, Silent, Replaced, TooSlow, TooFast);
    assert_eq!(document::values(&document, "CloseCode"), closes.map(|code| code.number().to_string()).into());
    let socket = &document["channels"]["socket"];
    let told = socket["x-close-codes"].as_array().expect("x-close-codes").iter();
    let told: Vec<Value> = told.map(|entry| json!([entry["code"], entry["name"]])).collect();
    assert_eq!(told, closes.map(|code| json!([code.number(), code.name()])));

    assert_eq!(socket["x-subprotocol"], SUBPROTOCOL);
    let limits = json!({
        "frame_bytes_max": FRAME_BYTES_MAX,
        "heartbeat_ms": HEARTBEAT_MS,
        "silence_ms_max": SILENCE_MS_MAX,
        "hello_ms_max": HELLO_MS_MAX,
        "queue_frames_max": queue::FRAMES_MAX,
        "queue_bytes_max": queue::BYTES_MAX,
        "replay_frames_max": ring::KEEP_MAX,
        "claim_lines_max": LINES_MAX,
        "claim_qty_max": QTY_MAX,
    });
    assert_eq!(socket["x-limits"], limits);
    let claim = &document["components"]["schemas"]["ClaimFrame"]["properties"]["lines"];
    let qty = &document["components"]["schemas"]["ClaimLine"]["properties"]["qty"];
    assert_eq!((&claim["maxItems"], &qty["maximum"]), (&json!(LINES_MAX), &json!(QTY_MAX)));
}
