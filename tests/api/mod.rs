//! The back office through its public door, on real servers.

mod books;
pub mod double;
mod shelves;
mod world;

mod accounts;
mod accounts_regions;
mod accounts_setup;
mod accounts_users;
mod bad_input;
mod channels_messages;
mod channels_sign_in;
mod exports;
mod fulfil;
mod hot_rounds;
mod imports;
mod imports_faults;
mod imports_races;
mod imports_size;
mod imports_world;
mod lists;
mod needs;
mod reports;
mod roles;
mod rounds;
mod sign_in;
mod users;
