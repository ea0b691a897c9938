//! Lists by page: as many items as asked for, and an opaque mark from which to go on.

use super::{problem::Problem, values::Int, words::Words};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::future::{Ready, ready};

/// The query of an address, read as strictly as a body.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = web::Query::<T>::from_query(req.query_string());
        ready(read.map(|query| Self(query.into_inner())).map_err(|error| {
            let message = error.to_string();
            let message = message.rsplit_once("error: ").map_or(message.as_str(), |(_, rest)| rest);
            let words = Words::unpacked(message).unwrap_or_else(|| {
                Words::fixed("查询参数的名称或写法不对。", "A parameter has an unknown name or a wrong form.")
            });
            Problem::invalid("?", words)
        }))
    }
}

pub type Limit = Int<1, 200>;
const LIMIT_DEFAULT: i64 = 50;

/// A cursor opens nothing: whose things are listed comes from the session. The digest only keeps one that was cut or
/// edited on its way from quietly starting somewhere else.
const DIGEST_BYTES: usize = 8;

fn digest_of(key: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&Sha256::digest(key)[..DIGEST_BYTES]);
    digest
}

/// Where a page ended, as the sort key of its last item. Opaque to clients, so that it may change.
fn cursor_of(key: &impl Serialize) -> Option<String> {
    let mut bytes = serde_json::to_vec(key).ok()?;
    bytes.extend(digest_of(&bytes));
    Some(hex::encode(bytes))
}

/// The key in a cursor that a client handed back.
pub fn key_in<K: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<K>, Problem> {
    let Some(text) = cursor else { return Ok(None) };
    read(text).map(Some).ok_or_else(|| {
        Problem::invalid(
            "?cursor",
            Words::fixed("cursor 无效，请从头读取。", "The cursor is not one of ours: start over."),
        )
    })
}

fn read<K: DeserializeOwned>(text: &str) -> Option<K> {
    // Ours are lower case: two spellings of one cursor are one too many.
    let bytes = hex::decode(text).ok().filter(|bytes| hex::encode(bytes) == text)?;
    let (key, digest) = bytes.split_last_chunk::<DIGEST_BYTES>()?;
    // The digest is against slips and not a seal, so a key is still somebody's text: none of ours holds a NUL.
    let ours = digest_of(key) == *digest && !key.windows(6).any(|six| six == b"\\u0000");
    if ours { serde_json::from_slice(key).ok() } else { None }
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Present when there is more.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// `items` holds one more than asked for when there is a next page.
    pub fn cut<K: Serialize>(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).and_then(|last| cursor_of(&key(last)));
        Self { items, next_cursor }
    }
}

pub fn limit_or_default(limit: Option<Limit>) -> i64 {
    limit.map_or(LIMIT_DEFAULT, Limit::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_gives_back_its_key_and_no_other_text_is_one(
            key in "[^\\x00]{0,20}", number: i64, at: prop::sample::Index, other in "[0-9a-fA-Fx]", garbage in ".{0,80}",
        ) {
            let cursor = cursor_of(&(&key, number)).expect("is JSON");
            prop_assert_eq!(key_in::<(String, i64)>(Some(&cursor)).expect("is ours"), Some((key, number)));
            let at = at.index(cursor.len());
            let mut bent = cursor.clone();
            bent.replace_range(at..=at, &other);
            prop_assert_eq!(key_in::<(String, i64)>(Some(&bent)).is_err(), bent != cursor);
            prop_assert!(key_in::<(String, i64)>(Some(&cursor[..at])).is_err());
            prop_assert!(key_in::<(String, i64)>(Some(&garbage)).is_err());
            prop_assert!(key_in::<i64>(Some(&cursor)).is_err(), "a cursor of another list");
        }
    }
}
