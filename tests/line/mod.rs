//! The whole line through its public doors: HTTP and sockets in front, real Redis and Postgres behind.

mod clerk;
mod house;
mod link;
mod receiver;
mod sessions;
mod wire;

mod bad_input;
mod codes;
mod devices;
mod exports;
mod faults;
mod frames_of_the_wire;
mod http_of_the_wire;
mod limits;
mod messages;
mod rights;
mod story;
mod users;
mod webhooks;
mod wrong_frames;
