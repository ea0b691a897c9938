//! What may leave the house as a file: which lists, in which form, and who takes which.

use super::role::Role::{self, *};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportKind {
    /// A row a line of an order.
    Orders,
    /// A row a line of a shipment.
    Shipments,
    /// Stock of the warehouses, by SKU.
    Stock,
    Stores,
    Skus,
    /// A row a store that was invited: what it needed, asked for, was granted and refused.
    RoundResults,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    Csv,
    Xlsx,
}

/// On which terms a role takes a list with it. Which rows those are follows from what the role sees anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terms {
    /// The own store's.
    Own,
    /// More than one's own: with a reason.
    WithReason,
}

impl ExportKind {
    pub const ALL: [Self; 6] =
        [Self::Orders, Self::Shipments, Self::Stock, Self::Stores, Self::Skus, Self::RoundResults];

    /// As it stands on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Shipments => "shipments",
            Self::Stock => "stock",
            Self::Stores => "stores",
            Self::Skus => "skus",
            Self::RoundResults => "round_results",
        }
    }

    /// Who may take it: nobody who may not look at the same list on the screen.
    fn takers(self) -> &'static [Role] {
        match self {
            Self::Orders => &[StoreManager, Supervisor, Finance, Admin],
            Self::Shipments | Self::Stock => &[Supervisor, WarehouseClerk, Admin],
            Self::Stores => &[Supervisor, Finance, Admin],
            Self::Skus => &[Supervisor, WarehouseClerk, Finance, Admin],
            Self::RoundResults => &[StoreManager, Supervisor, Admin],
        }
    }

    /// `None`: not for this role.
    pub fn terms_of(self, role: Role) -> Option<Terms> {
        let terms = if role == StoreManager { Terms::Own } else { Terms::WithReason };
        self.takers().contains(&role).then_some(terms)
    }
}

impl ExportFormat {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}
