//! A round's life as the log orders it: what the scripts did, the books follow.

use super::{batch::Change, books::Round, settle::Intent};
use crate::domain::{
    clock::{UnixMs, from_ms},
    round::RoundState,
};

/// Moves the round and says what became of the wish. A number not above the last one seen is no news: `None`.
pub(super) fn apply(round: &mut Round, intent_no: i64, at_ms: UnixMs, change: Change) -> Option<Intent> {
    if intent_no <= round.applied_no {
        return None;
    }
    round.applied_no = intent_no;
    let moved = follow(round, at_ms, change);
    round.touched |= moved;
    Some(Intent { round_id: round.id, intent_no, outcome: if moved { "applied" } else { "state" } })
}

/// Whether the books could follow. They cannot when they know better, such as a round that headquarters cancelled.
fn follow(round: &mut Round, at_ms: UnixMs, change: Change) -> bool {
    use RoundState::{Open, Paused, Scheduled, Settling, Warming};
    match (change, round.state) {
        (Change::Open, Scheduled | Warming) => {
            round.state = Open;
            round.opened_at = Some(from_ms(at_ms));
        }
        (Change::Pause, Open) => {
            round.state = Paused;
            round.paused_at = Some(from_ms(at_ms));
        }
        (Change::Resume { shift_ms }, Paused) => {
            round.state = Open;
            round.paused_at = None;
            round.shift_ms = shift_ms;
        }
        (Change::Extend { closes_ms }, Warming | Open | Paused) if from_ms(closes_ms) > round.opens_at => {
            round.closes_at = from_ms(closes_ms);
        }
        (Change::Close, Warming | Open | Paused) => {
            round.state = Settling;
            round.paused_at = None;
            round.closed_at = Some(from_ms(at_ms));
        }
        _ => return false,
    }
    true
}
