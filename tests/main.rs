//! Everything that needs real servers, in one binary.

mod rounds;
