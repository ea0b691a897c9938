//! Rounds on a real Postgres and a real Redis.

mod approval;
mod publishing;

mod crashes;
mod lifetime;
mod recovery;

mod stage;
mod world;
