//! How many sockets one user and one store hold on this node: enough for every phone and screen, and no more. Store people
//! are counted by device, so that an old phone cannot keep a new one out.

use crate::domain::identity::Identity;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

#[derive(Debug)]
pub(super) struct Places {
    per_user: usize,
    per_store: usize,
    /// By id of a user, a device or a store; who has no socket does not stand here.
    taken: Mutex<HashMap<Uuid, usize>>,
}

/// One socket's place; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    of: Vec<Uuid>,
}

impl Places {
    pub(super) fn new(per_user: usize, per_store: usize) -> Arc<Self> {
        Arc::new(Self { per_user, per_store, taken: Mutex::default() })
    }

    /// `None` when the user or the store has no place left.
    pub(super) fn take(self: &Arc<Self>, who: &Identity) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = |id: &Uuid, max: usize| taken.get(id).is_none_or(|count| *count < max);
        let store = who.store_id.map(|id| id.0);
        let own = store.and(who.device).map_or(who.user_id.0, |device| device.0);
        if !has_room(&own, self.per_user) || store.is_some_and(|id| !has_room(&id, self.per_store)) {
            metrics::counter!("limited_total", "limit" => "sockets").increment(1);
            return None;
        }
        let of: Vec<Uuid> = [own].into_iter().chain(store).collect();
        for id in &of {
            *taken.entry(*id).or_default() += 1;
        }
        Some(Place { places: Arc::clone(self), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.of {
            if let Some(count) = taken.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(id);
                }
            }
        }
    }
}
