//! Rounds on a real Postgres and a real Redis.

mod publishing;

mod world;
