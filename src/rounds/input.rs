//! What a supervisor writes down about a round. Quantities are base units; what is left out is filled from the SKU or
//! the policy.

use crate::domain::{
    ids::{SkuId, StoreId, WarehouseId},
    named,
    round::Policy,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRound {
    pub name: String,
    pub opens_at: DateTime<Utc>,
    pub closes_at: DateTime<Utc>,
    #[serde(default, deserialize_with = "named::one")]
    pub policy: Policy,
    #[serde(deserialize_with = "named::all")]
    pub lines: Vec<NewLine>,
    pub stores: InvitedStores,
}

/// The same, where what is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Edit {
    pub name: Option<String>,
    pub opens_at: Option<DateTime<Utc>>,
    pub closes_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "named::option")]
    pub policy: Option<Policy>,
    #[serde(deserialize_with = "named::all_or_none")]
    pub lines: Option<Vec<NewLine>>,
    pub stores: Option<InvitedStores>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    pub sku_id: SkuId,
    pub warehouse_id: WarehouseId,
    /// Units locked for the round.
    pub pledged: i64,
    /// The part of them that is not offered.
    #[serde(default)]
    pub holdback: i64,
    /// Default: the SKU's list price.
    #[serde(default)]
    pub price_cents: Option<i64>,
    /// Default: the SKU's case.
    #[serde(default)]
    pub pack: Option<i64>,
    /// Default: one unit.
    #[serde(default)]
    pub min_claim: Option<i64>,
    /// Units a store; default: only need limits.
    #[serde(default)]
    pub cap_line: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum InvitedStores {
    /// Every active store of the pool at this moment.
    #[serde(rename = "all")]
    All,
    #[serde(untagged)]
    These(#[serde(deserialize_with = "named::all")] Vec<NewInvitation>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    pub store_id: StoreId,
    /// The store's stage opens so long after the round.
    #[serde(default)]
    pub offset_ms: i64,
    /// Defaults: those of the policy.
    #[serde(default)]
    pub cap_round: Option<i64>,
    #[serde(default)]
    pub cap_day: Option<i64>,
    #[serde(default)]
    pub cap_period: Option<i64>,
}

impl NewInvitation {
    pub fn plain(store_id: StoreId) -> Self {
        Self { store_id, offset_ms: 0, cap_round: None, cap_day: None, cap_period: None }
    }
}
