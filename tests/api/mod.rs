//! The back office through its public door, on real servers.

mod books;
mod shelves;
mod world;

mod accounts;
mod accounts_regions;
mod accounts_setup;
mod accounts_users;
mod bad_input;
mod fulfil;
mod lists;
mod needs;
mod reports;
mod roles;
mod rounds;
mod sign_in;
mod users;
