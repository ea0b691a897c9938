//! Who somebody is to the chain. What each may do stands in `auth::permission`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    StoreStaff,
    StoreManager,
    Supervisor,
    WarehouseClerk,
    Finance,
    Admin,
}

impl Role {
    /// Store people act for exactly one store, which their session carries.
    pub fn is_of_a_store(self) -> bool {
        matches!(self, Self::StoreStaff | Self::StoreManager)
    }

    /// As it stands in the books, in tokens and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::StoreStaff => "store_staff",
            Self::StoreManager => "store_manager",
            Self::Supervisor => "supervisor",
            Self::WarehouseClerk => "warehouse_clerk",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }
}
