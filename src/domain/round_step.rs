//! What was done to a round, in the order in which it can happen: its history as people read it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum RoundStep {
    Drafted,
    Edited,
    /// To publish it, while it was hot.
    Asked,
    /// By a second person: that published it.
    Approved,
    SentBack,
    /// Sent back by who had asked.
    Withdrawn,
    Published,
    Cancelled,
    // What follows was asked of a live round, by somebody or by the clock.
    Opened,
    Paused,
    Resumed,
    Extended,
    Stopped,
    Closed,
}
