//! Rounds on a real Postgres and a real Redis.

mod publishing;

mod crashes;
mod lifetime;
mod recovery;

mod stage;
mod world;
