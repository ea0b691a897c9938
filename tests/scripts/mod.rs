//! The Lua scripts and the log on a real Redis: every word they can answer, arguments that nobody should send, servers that
//! fail, and long random lives compared with a model that shares no code with them.

mod bed;
mod dump;
mod raw;
mod world;

mod claims;
mod intents;
mod limits;

mod effects;
mod loads;
mod rebuilds;
mod users;

mod hostile;
mod servers;

mod doors;
mod log;

mod compare;
mod life;
mod machine;
mod model;
