//! Who was changed since a token was signed, as this node has heard: fed by the outbox, so that no request asks the books.

use crate::domain::{identity::Identity, ids::UserId};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// The newest auth version of everybody who was ever changed; of anybody else it is the first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct AuthVersions(Arc<RwLock<HashMap<UserId, i64>>>);

impl AuthVersions {
    /// News may come late or twice: a version never falls.
    pub fn raise(&self, user_id: UserId, auth_version: i64) {
        let mut versions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let newest = versions.entry(user_id).or_default();
        *newest = auth_version.max(*newest);
    }

    /// Whether nothing that somebody may do has changed since. An identity newer than what was heard is the truth already.
    pub fn is_current(&self, who: &Identity) -> bool {
        let versions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        versions.get(&who.user_id).is_none_or(|newest| who.auth_version >= *newest)
    }
}
