pub mod arithmetic;
pub mod caps;
pub mod need;
pub mod pack;
pub mod score;
