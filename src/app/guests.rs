//! Connections whose caller has not shown yet who it is: a few an address, so that nobody holds all of ours by saying
//! nothing. With its first good token or ticket a connection counts as that user's, who has more of them but not all.

use crate::domain::ids::UserId;
use crate::ws;
use actix_web::{dev::Extensions, rt::net::TcpStream};
use std::{
    any::Any,
    collections::HashMap,
    net::{IpAddr, Shutdown},
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Debug)]
pub(super) struct Guests {
    /// An address may have so many at once, and a user.
    max: usize,
    max_of_user: usize,
    /// Everybody comes through these.
    proxies: Vec<IpAddr>,
    /// Only addresses that have one stand here.
    count: Mutex<HashMap<Whose, usize>>,
}

/// Whom a connection counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Whose {
    Address(IpAddr),
    User(UserId),
}

/// One connection's place.
#[derive(Debug)]
pub(super) struct Guest {
    guests: Arc<Guests>,
    whose: Mutex<Whose>,
}

impl Guests {
    pub(super) fn new(max: usize, max_of_user: usize, proxies: Vec<IpAddr>) -> Arc<Self> {
        Arc::new(Self { max, max_of_user, proxies, count: Mutex::default() })
    }

    /// For `HttpServer::on_connect`: takes a place, or cuts the connection off when its address has none left.
    pub(super) fn enter(self: &Arc<Self>, connection: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        let whose = Whose::Address(super::address::counted_as(peer.ip().to_canonical()));
        if self.proxies.contains(&peer.ip().to_canonical()) {
            return;
        }
        let too_many = self.add(whose) > self.max;
        extensions.insert(Guest { guests: Arc::clone(self), whose: Mutex::new(whose) });
        if too_many && let Some(socket) = extensions.get::<ws::ClientSocket>() {
            metrics::counter!("limited_total", "limit" => "guests").increment(1);
            socket.shutdown(Shutdown::Both);
        }
    }
}

impl Guests {
    fn add(&self, whose: Whose) -> usize {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let here = count.entry(whose).or_default();
        *here += 1;
        *here
    }

    fn remove(&self, whose: Whose) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = count.get_mut(&whose) {
            *here -= 1;
            if *here == 0 {
                count.remove(&whose);
            }
        }
    }
}

impl Guest {
    /// The caller is known: from the first time on the connection is theirs. `false`: they have too many, and this one is to
    /// end.
    pub(super) fn becomes(&self, user_id: UserId) -> bool {
        let mut whose = self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*whose, Whose::User(_)) {
            return true;
        }
        let theirs = Whose::User(user_id);
        self.guests.remove(std::mem::replace(&mut *whose, theirs));
        let is_fine = self.guests.add(theirs) <= self.guests.max_of_user;
        if !is_fine {
            metrics::counter!("limited_total", "limit" => "connections").increment(1);
        }
        is_fine
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let whose = *self.whose.lock().unwrap_or_else(PoisonError::into_inner);
        self.guests.remove(whose);
    }
}
