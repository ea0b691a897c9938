//! Why a verb did nothing.

use crate::{
    domain::order::{OrderState, ShipmentState},
    storage,
};

#[derive(Debug, thiserror::Error)]
pub enum FulfilError {
    /// No such thing, or another store's.
    #[error("not found")]
    NotFound,
    #[error("the order is {order:?} and its shipment {shipment:?}")]
    WrongState { order: OrderState, shipment: ShipmentState },
    /// A store takes nothing back while its round runs: the units would be lost to everybody, and its caps free again.
    #[error("the round is still running")]
    RoundRuns,
    /// The step was done before, with other figures.
    #[error("done before with other figures")]
    AlreadyDone,
    #[error("a figure is not possible")]
    Bad(BadFigure),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// Which figure, as a JSON pointer into what was said, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFigure {
    pub pointer: String,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The order has no such line.
    UnknownLine,
    LineTwice,
    /// A line of the order was not named.
    LineMissing,
    /// More than there can be.
    Above {
        max: i64,
    },
    /// Nothing at all would be shipped: that is a cancellation.
    NothingShipped,
    /// A reason was given although nothing differs.
    ReasonWithoutDifference,
    /// The reason says that units are damaged or missing, and the figures say otherwise.
    ReasonAgainstFigures,
}

impl FulfilError {
    pub(super) fn bad(pointer: impl Into<String>, what: What) -> Self {
        Self::Bad(BadFigure { pointer: pointer.into(), what })
    }
}
