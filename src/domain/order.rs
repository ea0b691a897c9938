//! Replenishment orders and their shipments: states, and which may follow which.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderState {
    /// A grabbed order that passes auto-review is born so, with a planned shipment.
    Approved,
    Shipped,
    PartReceived,
    Received,
    Completed,
    Cancelled,
}

impl OrderState {
    pub fn may_become(self, next: Self) -> bool {
        use OrderState::*;
        matches!(
            (self, next),
            (Approved, Shipped | Cancelled)
                | (Shipped, PartReceived | Received)
                | (PartReceived, Received)
                | (Received, Completed)
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShipmentState {
    Planned,
    Dispatched,
    InTransit,
    Arrived,
    Received,
    ReceivedWithDifference,
    Cancelled,
}

impl ShipmentState {
    pub fn may_become(self, next: Self) -> bool {
        use ShipmentState::*;
        matches!(
            (self, next),
            (Planned, Dispatched | Cancelled)
                | (Dispatched, InTransit | Arrived)
                | (InTransit, Arrived)
                // A store may count what stands in its yard although nobody pressed "arrived".
                | (Dispatched | InTransit | Arrived, Received | ReceivedWithDifference)
        )
    }
}

/// Why fewer units were received in good order than were shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DifferenceReason {
    Missing,
    Damaged,
    Wrong,
    Expired,
}

/// Why a bucket of stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MovementKind {
    Receipt,
    Pledge,
    Unpledge,
    Allocate,
    Release,
    Issue,
    TransferIn,
    CountGain,
    CountLoss,
    Scrap,
    Correction,
}

impl MovementKind {
    /// As it stands in the books.
    pub fn name(self) -> &'static str {
        match self {
            Self::Receipt => "RECEIPT",
            Self::Pledge => "PLEDGE",
            Self::Unpledge => "UNPLEDGE",
            Self::Allocate => "ALLOCATE",
            Self::Release => "RELEASE",
            Self::Issue => "ISSUE",
            Self::TransferIn => "TRANSFER_IN",
            Self::CountGain => "COUNT_GAIN",
            Self::CountLoss => "COUNT_LOSS",
            Self::Scrap => "SCRAP",
            Self::Correction => "CORRECTION",
        }
    }
}
