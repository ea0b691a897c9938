//! What is told to somebody. Every event begins as an outbox row in the transaction that caused it, and travels unchanged
//! to the socket: its JSON here is the frame's body there.
//!
//! *Store events* concern one store and carry its next `store_seq`. *State events* are absolute and versioned by the
//! outbox number: the newest replaces the older.

use super::{
    clock::UnixMs,
    ids::{ClaimId, LineId, OrderId, RoundId, ShipmentId},
    order::{OrderState, ShipmentState},
    round::RoundState,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum StoreEvent {
    /// The win is in the books: the only "ordered" there is.
    Ordered(Ordered),
    /// A win that the ledger could not honour, after Redis itself had lost it.
    Revoked(Revoked),
    /// An order or its shipment went on.
    Order(OrderChanged),
    Notice(Notice),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ordered {
    pub claim_id: ClaimId,
    pub round_id: RoundId,
    /// One order a warehouse.
    pub orders: Vec<OrderedOrder>,
    /// Place and hash of the decision in the round's chain.
    pub chain_n: i64,
    pub chain_hash: String,
    /// When the ledger's transaction ran.
    pub ordered_at_ms: UnixMs,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderedOrder {
    pub order_id: OrderId,
    pub order_no: String,
    pub units: i64,
    pub total_cents: i64,
    /// Chain-local date, `2026-11-23`.
    pub promised_date: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Revoked {
    pub claim_id: ClaimId,
    pub round_id: RoundId,
    /// `exhausted`: after the loss, others had been promised these units in the books.
    pub reason: String,
    pub lines: Vec<RevokedLine>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RevokedLine {
    pub line_id: LineId,
    pub revoked: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderChanged {
    pub order_id: OrderId,
    pub order_no: String,
    pub state: OrderState,
    pub shipment_id: ShipmentId,
    pub shipment_state: ShipmentState,
    pub at_ms: UnixMs,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// A round was published that this store may join.
    Invited {
        round_id: RoundId,
    },
    Cancelled {
        round_id: RoundId,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum StateEvent {
    Round(RoundStatus),
    Board(BoardFigures),
}

/// Where a round stands, for everybody invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RoundStatus {
    pub round_id: RoundId,
    pub state: RoundState,
    /// With all pauses added: compare with the server's clock as they are.
    pub opens_at_ms: UnixMs,
    pub closes_at_ms: UnixMs,
    /// Since when the round has been paused; the clock stands still.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paused_at_ms: Option<UnixMs>,
    pub lines: Vec<LineLeft>,
    pub chain_n: i64,
    pub chain_hash: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineLeft {
    pub line_id: LineId,
    /// Units still to be had, as of the ledger.
    pub left: i64,
}

/// Running totals of a round since it was published, for headquarters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoardFigures {
    pub round_id: RoundId,
    /// When the newest of these decisions was made, by Redis' clock.
    pub as_of_ms: UnixMs,
    /// Decided claims.
    pub claims: i64,
    /// Claims with something granted.
    pub won: i64,
    pub winning_stores: i64,
    pub granted_units: i64,
    pub revoked: i64,
    /// Decided refusals by code.
    pub refused: BTreeMap<String, i64>,
    pub lines: Vec<BoardLine>,
    /// The newest winners, newest first, at most ten.
    pub winners: Vec<Winner>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoardLine {
    pub line_id: LineId,
    pub offered: i64,
    pub left: i64,
    /// When the last unit went.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sold_out_at_ms: Option<UnixMs>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Winner {
    pub store_code: String,
    pub store_name: String,
    pub units: i64,
    pub at_ms: UnixMs,
}

/// A change of what claims are judged by in Redis that did not come from a claim; applied in outbox order by the pool's
/// writer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Units of a claim were given back (cancelled or revoked): lowers what the store has taken.
    Release {
        round_id: RoundId,
        store_id: super::ids::StoreId,
        /// Chain-local day, period and dock day of the round.
        day: String,
        period: String,
        dock_day: String,
        credit_cents: i64,
        lines: Vec<ReleasedLine>,
    },
    /// The store may not win before that time; 0 lifts it.
    Suspend { store_id: super::ids::StoreId, until_ms: UnixMs },
    /// What the user may do has changed: sessions and claims of a lower version are nobody's.
    User { user_id: super::ids::UserId, auth_version: i64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedLine {
    pub line_id: LineId,
    pub units: i64,
}
