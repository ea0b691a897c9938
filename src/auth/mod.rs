//! Who is there, and what they may do.
//!
//! A password is checked once (`password`; `lock_out` ends guessing) and turned into a short access token and a longer refresh token (`token`,
//! `refresh`). A socket is opened with a one-time ticket (`ticket`), so that no token stands in an address. Handlers name
//! an extractor (`extract`) for the permission they need (`permission`): without one they learn nothing about the caller.

pub mod invite;
pub mod lock_out;
pub mod password;

pub mod grabbing;
pub mod refresh;
pub mod ticket;
pub mod token;
pub mod versions;

pub mod permission;
pub mod session;

pub mod doors;
pub mod extract;

pub use extract::{Denied, Holder, May, Newcomer, StoreSession};
pub use grabbing::GrabbingDevices;
pub use permission::{Permission, may};
pub use session::{Scope, Session};
pub use token::{Person, Terms, Tokens};
pub use versions::AuthVersions;
