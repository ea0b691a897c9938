//! Identifiers as types: a `StoreId` in hand cannot be passed where a `LineId` belongs.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id, ordered by the time of its making (UUIDv7).
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

id! {
    /// A timed event that offers lines to invited stores.
    RoundId,
    /// One SKU from one warehouse in a round.
    LineId,
    /// Made by the client, unique within its round: the key of "one tap, one answer".
    ClaimId,
    StoreId,
    SkuId,
    WarehouseId,
    UserId,
    /// A device on which somebody signed in.
    SignInId,
    InviteId,
    AdminActionId,
    OrderId,
    ShipmentId,
    ReceiptId,
    /// A system elsewhere that is told what happens.
    WebhookId,
    WebhookMessageId,
    ImportId,
    /// A computation of need over the whole chain.
    NeedRunId,
}

/// A group of stores with stock ring-fenced for them; every key of a pool shares one hash slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct PoolId(String);

impl PoolId {
    /// Letters, digits and hyphens, 1–32 of them: the id becomes part of a Redis key, so nothing else may enter.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fits.then(|| Self(text.to_owned()))
    }

    /// The pool that a chain begins with.
    pub fn main() -> Self {
        Self("main".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
