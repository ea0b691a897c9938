//! Every golden frame as the server's own types make or read it.

use graborder::{
    domain::{
        claim::{ClaimLine, ClaimMode, LineVerdict},
        event::{
            BoardFigures, BoardLine, LineLeft, Notice, OrderChanged, Ordered, OrderedOrder, Revoked, RevokedLine,
            RoundStatus, StoreEvent, Winner,
        },
        ids::{ClaimId, LineId, OrderId, RoundId, ShipmentId},
        order::{OrderState, ShipmentState},
        reason::{Reason, Span},
        round::RoundState,
    },
    protocol::{
        CloseCode, In, Out,
        inbound::{Resume, Stamp},
        outbound::{BoardFrame, ErrorFrame, StoreFrame, VerdictFrame, VerdictFrameStatus, Versioned},
    },
};
use serde_json::Number;
use uuid::Uuid;

const CLAIM: ClaimId = ClaimId(Uuid::from_u128(0x7d444840_9dc0_4a11_8d1c_5f8f9f1e2b3c));
const ROUND: RoundId = RoundId(Uuid::from_u128(0x0199f1c2_7a00_7000_8000_000000000001));
const LINE_A: LineId = LineId(Uuid::from_u128(0x0199f1c2_7a00_7000_8000_0000000000a1));
const LINE_B: LineId = LineId(Uuid::from_u128(0x0199f1c2_7a00_7000_8000_0000000000a2));
const ORDER: OrderId = OrderId(Uuid::from_u128(0x0199f1c2_7a00_7000_8000_0000000000b1));
const SHIPMENT: ShipmentId = ShipmentId(Uuid::from_u128(0x0199f1c2_7a00_7000_8000_0000000000c1));
/// When the round opens.
const T0_MS: i64 = 1_795_053_600_000;
const CHAIN_HASH: &str = "9f2c41ab9f2c41ab9f2c41ab9f2c41ab9f2c41ab9f2c41ab9f2c41ab9f2c41ab";

fn stamp() -> Stamp {
    Stamp(Number::from_f64(12345.678).expect("finite"))
}

pub fn inbound() -> Vec<(&'static str, In)> {
    let hello = |resume| In::Hello { client: "h5".into(), version: "0.1.0".into(), resume };
    let claim = |lines, mode| In::Claim { claim_id: CLAIM, round_id: ROUND, lines, mode };
    let (a, b) = (ClaimLine { line_id: LINE_A, qty: 24 }, ClaimLine { line_id: LINE_B, qty: 6 });
    vec![
        ("in-hello", hello(None)),
        ("in-hello-resume", hello(Some(Resume { store_seq: 41 }))),
        ("in-auth", In::Auth { ticket: "b64url-ticket".into() }),
        ("in-ping", In::Ping { t0: stamp() }),
        ("in-claim", claim(vec![a, b], ClaimMode::Partial)),
        ("in-claim-all-or-none", claim(vec![a], ClaimMode::AllOrNone)),
        ("in-claim_status", In::ClaimStatus { round_id: ROUND, claim_id: CLAIM }),
        ("in-watch", In::Watch { round_id: ROUND }),
    ]
}

/// Outbound frames as the text that goes out.
pub fn outbound() -> Vec<(String, String)> {
    let said = |name: &str, frame: Out| (name.to_owned(), text(&frame));
    let mut frames = vec![
        said(
            "out-welcome",
            Out::Welcome { session: "n1-000017".into(), server_time_ms: T0_MS, store_seq: 41, heartbeat_ms: 20_000 },
        ),
        said("out-snapshot", Out::Snapshot { store_seq: 57 }),
        said("out-pong", Out::Pong { t0: stamp(), t1: T0_MS + 3, t2: T0_MS + 4 }),
        said("out-bye", Out::Bye { code: CloseCode::Restart, reconnect_after_ms: Some(1_500) }),
        said("out-bye-replaced", Out::Bye { code: CloseCode::Replaced, reconnect_after_ms: None }),
        said("out-error-bad_frame", error("bad_frame", "这条消息读不懂，没有处理", None, None)),
        said("out-error-not_allowed", error("not_allowed", "抢单要用门店的账号", Some(CLAIM), None)),
        said("out-error-not_found", error("not_found", "没有这一场，或它与本店无关", None, None)),
        said(
            "out-error-unavailable",
            error("unavailable", "结果还不知道，请用同一个编号再送一次", Some(CLAIM), Some(500)),
        ),
        said("out-round", round(RoundState::Open, None)),
        said("out-round-paused", round(RoundState::Paused, Some(T0_MS + 9_000))),
        said("out-board", board()),
        said("out-board-quiet", quiet_board()),
    ];
    frames.extend(verdicts());
    frames.extend(store_events());
    frames
}

fn text(frame: &impl serde::Serialize) -> String {
    serde_json::to_string(frame).expect("a frame is JSON")
}

fn error(code: &'static str, text: &str, claim_id: Option<ClaimId>, retry_after_ms: Option<i64>) -> Out {
    Out::Error(ErrorFrame { code, text: text.to_owned(), claim_id, retry_after_ms })
}

fn round(state: RoundState, paused_at_ms: Option<i64>) -> Out {
    Out::Round(Versioned {
        version: 901,
        server_time_ms: T0_MS + 20,
        state: RoundStatus {
            round_id: ROUND,
            state,
            opens_at_ms: T0_MS,
            closes_at_ms: T0_MS + 600_000,
            paused_at_ms,
            lines: vec![LineLeft { line_id: LINE_A, left: 84 }, LineLeft { line_id: LINE_B, left: 0 }],
            chain_n: 342,
            chain_hash: CHAIN_HASH.into(),
        },
    })
}

fn board() -> Out {
    let refused = [("E10", 23), ("E13", 9), ("E14", 168)].map(|(code, count)| (code.to_owned(), count));
    let figures = BoardFigures {
        round_id: ROUND,
        as_of_ms: T0_MS + 9_000,
        claims: 342,
        won: 137,
        winning_stores: 131,
        granted_units: 2124,
        revoked: 0,
        refused: refused.into(),
        lines: vec![
            BoardLine { line_id: LINE_A, offered: 1008, left: 84, sold_out_at_ms: None },
            BoardLine { line_id: LINE_B, offered: 288, left: 0, sold_out_at_ms: Some(T0_MS + 3_218) },
        ],
        winners: vec![Winner {
            store_code: "2712".into(),
            store_name: "HY-VEE / DECORAH".into(),
            units: 12,
            at_ms: T0_MS + 8_870,
        }],
    };
    let state = BoardFrame { figures, sessions_online: 301, stores_online: 287 };
    Out::Board(Versioned { version: 902, server_time_ms: T0_MS + 9_010, state })
}

/// Before the first tap.
fn quiet_board() -> Out {
    let figures = BoardFigures {
        round_id: ROUND,
        as_of_ms: T0_MS - 60_000,
        claims: 0,
        won: 0,
        winning_stores: 0,
        granted_units: 0,
        revoked: 0,
        refused: [].into(),
        lines: vec![BoardLine { line_id: LINE_A, offered: 1008, left: 1008, sold_out_at_ms: None }],
        winners: vec![],
    };
    let state = BoardFrame { figures, sessions_online: 3, stores_online: 2 };
    Out::Board(Versioned { version: 900, server_time_ms: T0_MS - 59_000, state })
}

fn store_events() -> Vec<(String, String)> {
    let ordered = Ordered {
        claim_id: CLAIM,
        round_id: ROUND,
        orders: vec![OrderedOrder {
            order_id: ORDER,
            order_no: "RO-20261127-000183".into(),
            units: 30,
            total_cents: 88_878,
            promised_date: "2026-11-28".into(),
        }],
        chain_n: 17,
        chain_hash: CHAIN_HASH.into(),
        ordered_at_ms: T0_MS + 803,
    };
    let revoked = Revoked {
        claim_id: CLAIM,
        round_id: ROUND,
        reason: "exhausted".into(),
        lines: vec![RevokedLine { line_id: LINE_A, revoked: 24 }],
    };
    let changed = OrderChanged {
        order_id: ORDER,
        order_no: "RO-20261127-000183".into(),
        state: OrderState::Shipped,
        shipment_id: SHIPMENT,
        shipment_state: ShipmentState::Dispatched,
        at_ms: T0_MS + 19_200_000,
    };
    [
        ("out-ordered", StoreEvent::Ordered(ordered)),
        ("out-revoked", StoreEvent::Revoked(revoked)),
        ("out-order", StoreEvent::Order(changed)),
        ("out-notice-invited", StoreEvent::Notice(Notice::Invited { round_id: ROUND })),
        ("out-notice-cancelled", StoreEvent::Notice(Notice::Cancelled { round_id: ROUND })),
    ]
    .into_iter()
    .zip(42..)
    .map(|((name, event), store_seq)| (name.to_owned(), text(&StoreFrame { store_seq, event: &event })))
    .collect()
}

const SOLD_OUT: Reason = Reason::SoldOut { sold_out_at_ms: T0_MS + 3_218, recv_at_ms: T0_MS + 4_106, left: 0 };

fn verdicts() -> Vec<(String, String)> {
    let line = |line_id, asked, granted, reason| LineVerdict { line_id, asked, granted, reason };
    let decided = |status, reason, lines, decided_at_ms| VerdictFrame {
        claim_id: CLAIM,
        round_id: ROUND,
        status,
        reason,
        lines,
        decided_at_ms: Some(decided_at_ms),
        epoch: Some(3),
    };
    let (won, later) = (T0_MS + 612, T0_MS + 4_106);
    let all = vec![line(LINE_A, 24, 24, None), line(LINE_B, 6, 6, None)];
    let some = vec![line(LINE_A, 24, 24, None), line(LINE_B, 6, 0, Some(SOLD_OUT))];
    let mut frames = vec![
        ("out-verdict-won".to_owned(), decided(VerdictFrameStatus::Won, None, all, won)),
        ("out-verdict-partly_won".to_owned(), decided(VerdictFrameStatus::PartlyWon, Some(SOLD_OUT), some, later)),
    ];
    for (suffix, reason) in refusing() {
        let asked = match reason {
            Reason::NotWholePacks { asked, .. } | Reason::BelowMinimum { asked, .. } => asked,
            _ => 24,
        };
        let lines = vec![line(LINE_A, asked, 0, Some(reason))];
        let name = format!("out-verdict-refused-{}{suffix}", reason.code());
        frames.push((name, decided(VerdictFrameStatus::Refused, Some(reason), lines, later)));
    }
    for (suffix, reason) in not_deciding() {
        let name = format!("out-verdict-not_decided-{}{suffix}", reason.code());
        let frame = VerdictFrame {
            status: VerdictFrameStatus::NotDecided,
            lines: vec![],
            decided_at_ms: None,
            epoch: None,
            ..decided(VerdictFrameStatus::NotDecided, Some(reason), vec![], 0)
        };
        frames.push((name, frame));
    }
    frames.into_iter().map(|(name, frame)| (name, text(&Out::Verdict(frame)))).collect()
}

/// Reasons of a refusal that is final.
fn refusing() -> Vec<(&'static str, Reason)> {
    vec![
        ("", Reason::NotInvited {}),
        ("", Reason::Suspended { until_ms: T0_MS + 259_200_000 }),
        ("", Reason::NotListed {}),
        ("", Reason::StockAbove { net: 64, gate: 35 }),
        ("", Reason::NotWholePacks { pack: 12, asked: 30, fix: 24 }),
        ("", Reason::BelowMinimum { min: 12, asked: 6 }),
        ("", Reason::LineCap { cap: 48, left: 12 }),
        ("", Reason::RoundCap { cap: 48, taken: 36, left: 12 }),
        ("", Reason::SpanCap { cap: 48, taken: 36, left: 12, span: Span::Day }),
        ("-period", Reason::SpanCap { cap: 48, taken: 36, left: 12, span: Span::Period }),
        ("", Reason::CreditShort { short_cents: 16_200, left_cents: 42_000, need_cents: 58_200 }),
        ("", SOLD_OUT),
        ("-some-left", Reason::SoldOut { sold_out_at_ms: 0, recv_at_ms: T0_MS + 4_106, left: 12 }),
        ("", Reason::DockFull { cap: 240, left: 12 }),
    ]
}

/// Reasons why nothing was decided.
fn not_deciding() -> Vec<(&'static str, Reason)> {
    let (opens_at_ms, closes_at_ms) = (T0_MS, T0_MS + 600_000);
    vec![
        ("", Reason::NotOpen { opens_at_ms, closes_at_ms, recv_at_ms: T0_MS - 40 }),
        ("-closed", Reason::NotOpen { opens_at_ms, closes_at_ms, recv_at_ms: closes_at_ms + 7 }),
        ("", Reason::Paused { paused_at_ms: T0_MS + 9_000 }),
        ("", Reason::Stage { opens_at_ms: T0_MS + 30_000, recv_at_ms: T0_MS + 612 }),
        ("", Reason::TooFast { retry_after_ms: 5_000 }),
        ("", Reason::BadClaim {}),
        ("", Reason::Overloaded { retry_after_ms: 1_000 }),
    ]
}
