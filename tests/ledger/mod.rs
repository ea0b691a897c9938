//! From the log to the books, and from the books to whoever must hear of it.

mod world;

mod batches;
mod controls;
mod following;
mod log;
mod scripts;
mod speed;
mod users;
mod writing;
