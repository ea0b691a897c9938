//! Files that feed the books: what they may hold, and how a job goes from the file to the books and back.

use super::role::Role;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ImportKind {
    Stores,
    Skus,
    /// List prices of SKUs that exist.
    Prices,
    /// Units on hand in warehouses and stores, as counted.
    Stock,
    /// Units sold by store, SKU and day.
    Sales,
}

impl ImportKind {
    pub const ALL: [Self; 5] = [Self::Stores, Self::Skus, Self::Prices, Self::Stock, Self::Sales];

    /// Whose task it is to feed this: the table that doors, lists and the command line ask.
    pub fn is_fed_by(self, role: Role) -> bool {
        match self {
            Self::Stores | Self::Skus | Self::Sales => matches!(role, Role::Supervisor | Role::Admin),
            Self::Stock => matches!(role, Role::WarehouseClerk | Role::Admin),
            Self::Prices => matches!(role, Role::Finance | Role::Admin),
        }
    }

    /// All that a role may feed, and so may see.
    pub fn fed_by(role: Role) -> Vec<Self> {
        Self::ALL.into_iter().filter(|kind| kind.is_fed_by(role)).collect()
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Stores => "stores",
            Self::Skus => "skus",
            Self::Prices => "prices",
            Self::Stock => "stock",
            Self::Sales => "sales",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportState {
    /// A node reads the file, or will at once.
    Reading,
    /// Nothing is in the books yet; it waits for somebody.
    Previewed,
    /// Confirmed: a node writes it into the books, in one transaction.
    Applying,
    Applied,
    Undone,
    /// Nothing came of it, and nothing is in the books.
    Failed,
}

/// What a node is doing with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ImportStage {
    Reading,
    /// Against the books.
    Checking,
    Writing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Encoding {
    #[serde(rename = "utf-8")]
    #[sqlx(rename = "utf-8")]
    Utf8,
    Gb18030,
    #[serde(rename = "utf-16le")]
    #[sqlx(rename = "utf-16le")]
    Utf16le,
    #[serde(rename = "utf-16be")]
    #[sqlx(rename = "utf-16be")]
    Utf16be,
}

impl Encoding {
    pub const ALL: [Self; 4] = [Self::Utf8, Self::Gb18030, Self::Utf16le, Self::Utf16be];

    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
            Self::Utf16le => "utf-16le",
            Self::Utf16be => "utf-16be",
        }
    }
}

/// What the rows of a job may change beside their own things, by the role in which the file was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// List prices of SKUs that exist. Without it a new SKU gets its price, and a known one keeps its own.
    pub set_prices: bool,
    pub set_credit: bool,
    /// Stock of stores, not only of warehouses.
    pub count_stores: bool,
}

impl Rights {
    pub fn of(role: Role) -> Self {
        let admin = role == Role::Admin;
        Self { set_prices: admin || role == Role::Finance, set_credit: admin, count_stores: admin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_feeds_everything_and_store_people_nothing() {
        assert_eq!(ImportKind::fed_by(Role::Admin), ImportKind::ALL);
        assert_eq!(ImportKind::fed_by(Role::StoreStaff), []);
        assert_eq!(ImportKind::fed_by(Role::StoreManager), []);
        assert_eq!(ImportKind::fed_by(Role::Finance), [ImportKind::Prices]);
        assert_eq!(ImportKind::fed_by(Role::WarehouseClerk), [ImportKind::Stock]);
        assert_eq!(ImportKind::fed_by(Role::Supervisor), [ImportKind::Stores, ImportKind::Skus, ImportKind::Sales]);
    }
}
