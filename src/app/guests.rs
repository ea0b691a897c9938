//! Connections whose caller has not shown yet who it is: a few an address, so that nobody holds all of ours by saying
//! nothing. A connection stops counting with its first good token or ticket, and when it ends.

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
    /// An address may have so many at once.
    max: usize,
    /// Everybody comes through these.
    proxies: Vec<IpAddr>,
    /// Only addresses that have one stand here.
    count: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection's place.
#[derive(Debug)]
pub(super) struct Guest {
    guests: Arc<Guests>,
    address: Mutex<Option<IpAddr>>,
}

impl Guests {
    pub(super) fn new(max: usize, proxies: Vec<IpAddr>) -> Arc<Self> {
        Arc::new(Self { max, proxies, count: Mutex::default() })
    }

    /// For `HttpServer::on_connect`: takes a place, or cuts the connection off when its address has none left.
    pub(super) fn enter(self: &Arc<Self>, connection: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        let address = super::address::counted_as(peer.ip().to_canonical());
        if self.proxies.contains(&peer.ip().to_canonical()) {
            return;
        }
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let here = count.entry(address).or_default();
        *here += 1;
        let too_many = *here > self.max;
        drop(count);
        extensions.insert(Guest { guests: Arc::clone(self), address: Mutex::new(Some(address)) });
        if too_many && let Some(socket) = extensions.get::<ws::ClientSocket>() {
            metrics::counter!("limited_total", "limit" => "guests").increment(1);
            socket.shutdown(Shutdown::Both);
        }
    }
}

impl Guest {
    /// The caller is known, or gone.
    pub(super) fn leave(&self) {
        let Some(address) = self.address.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let mut count = self.guests.count.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = count.get_mut(&address) {
            *here -= 1;
            if *here == 0 {
                count.remove(&address);
            }
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.leave();
    }
}
