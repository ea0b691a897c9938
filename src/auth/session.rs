//! What a signed-in person carries from request to request. It comes from a verified token, never from a message.

use super::permission::Permission;
use crate::domain::{
    ids::{PoolId, StoreId, UserId},
    role::Role,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub user_id: UserId,
    pub role: Role,
    /// The one store that store people act for; headquarters have none.
    pub store_id: Option<StoreId>,
    /// The pool of that store.
    pub pool: Option<PoolId>,
}

/// Whose things somebody sees: those of one store, or the chain's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Store(StoreId),
    Chain,
}

impl Scope {
    /// As a filter for a query: `None` filters nothing.
    pub fn store_id(self) -> Option<StoreId> {
        match self {
            Self::Store(id) => Some(id),
            Self::Chain => None,
        }
    }
}

impl Session {
    pub fn may(&self, permission: Permission) -> bool {
        permission.is_of(self.role)
    }

    pub fn scope(&self) -> Scope {
        self.store_id.map_or(Scope::Chain, Scope::Store)
    }
}
