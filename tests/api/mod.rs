//! The back office through its public door, on real servers.

mod books;
mod world;

mod accounts;
mod accounts_regions;
mod accounts_setup;
mod accounts_users;
mod bad_input;
mod exports;
mod fulfil;
mod hot_rounds;
mod lists;
mod roles;
mod rounds;
mod sign_in;
mod users;
