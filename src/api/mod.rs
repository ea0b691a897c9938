//! The back office over HTTP.

pub mod body;
pub mod page;
pub mod problem;
pub mod speak;
pub mod values;
pub mod words;
