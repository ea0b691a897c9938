//! What a signed-in person carries from request to request: an identity out of a verified token, never out of a message.

use super::permission::Permission;
use crate::domain::{
    identity::Identity,
    ids::{StoreId, UserId},
    role::Role,
};
use std::ops::Deref;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session(pub Identity);

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

    /// Whose regions narrow what is seen of the chain: a supervisor's own, as the books have them at this moment.
    pub fn area_of(&self) -> Option<UserId> {
        (self.role == Role::Supervisor).then_some(self.user_id)
    }
}

impl Deref for Session {
    type Target = Identity;
    fn deref(&self) -> &Identity {
        &self.0
    }
}
