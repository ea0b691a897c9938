//! Codes of invites and one-time passwords, drawn here and kept only as hashes.

use crate::domain::code;
use sha2::{Digest, Sha256};

/// A fresh code as a person reads it.
pub fn fresh() -> String {
    code::code(rand::random())
}

/// What the books keep of a code, however it was typed; `None` when it cannot be one. Sixty random bits that are good for
/// days need no slow hash.
pub fn hash_of(typed: &str) -> Option<Vec<u8>> {
    code::read(typed).map(|code| Sha256::digest(code).to_vec())
}
