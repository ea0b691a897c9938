//! The session on one socket: `guest` before hello, `member` after, `connection` the one loop that hears everything,
//! `socket` the four methods that the loop needs. Never touches Postgres.

mod actix_socket;
mod connection;
mod guest;
mod heads;
mod judged;
mod member;
mod rate;
pub mod socket;

pub use actix_socket::{ClientSocket, keep_client_socket, open};
pub use connection::{Doors, End, run};

use crate::domain::{identity::Identity, lang::Lang};
use std::{future::Future, pin::Pin, sync::Arc};

/// Turns a ticket into who it is for, once; filled by `app` from `auth`.
pub type Redeem = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Option<Identity>> + Send>> + Send + Sync>;

/// What is known of a client when its socket opens.
#[derive(Clone, Debug)]
pub struct Caller {
    pub identity: Identity,
    pub lang: Lang,
}
