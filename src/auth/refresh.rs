//! Refresh tokens: opaque, random, good once and for some days. The books hold only their hash.
//!
//! The tokens of one device follow each other; the device is their *sign-in*. A token that is shown after it was traded is
//! in two hands, and nobody can tell which is the owner's, so the whole sign-in ends. One case is no theft: the answer was
//! lost on the way. A client that names its attempt, and names it again, gets the same successor as long as that one is
//! unused; a thief of the token does not know the attempt.

use crate::{
    domain::ids::{SignInId, StoreId, UserId},
    storage::{
        self,
        sign_ins::{self, EndedWhy, NewSignIn},
        tokens,
    },
};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

/// 256 bits from the system's generator: not to be guessed, so a plain hash protects them.
const TOKEN_BYTES: usize = 32;

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

fn random() -> [u8; TOKEN_BYTES] {
    rand::random()
}

/// The successor that a token leads to: needs the old token's text and the salt of the books, which nobody else has both.
fn successor(token: &str, salt: &[u8]) -> String {
    hex::encode(Sha256::new().chain_update(salt).chain_update(token).finalize())
}

/// Begins a sign-in and gives its first token.
pub async fn begin(
    tx: &mut PgConnection,
    new: &NewSignIn<'_>,
    lifetime: Duration,
    now: DateTime<Utc>,
) -> storage::Result<String> {
    sign_ins::insert(tx, new, now).await?;
    let text = hex::encode(random());
    tokens::insert(tx, &hash_of(&text), (new.user_id, new.sign_in_id), now + lifetime, now).await?;
    Ok(text)
}

/// What came of showing a token.
#[derive(Clone, Debug)]
pub enum Traded {
    For {
        user_id: UserId,
        sign_in_id: SignInId,
        store_id: Option<StoreId>,
        token: String,
    },
    /// Unknown, expired, or of a sign-in that has ended.
    Unknown,
    /// It was traded before: the sign-in has ended now.
    Reused {
        user_id: UserId,
        sign_in_id: SignInId,
    },
}

/// Trades a token for its successor. All trades of a sign-in come one after the other, and none while it ends.
pub async fn trade(
    tx: &mut PgConnection,
    token: &str,
    attempt_id: Option<Uuid>,
    lifetime: Duration,
    now: DateTime<Utc>,
) -> storage::Result<Traded> {
    let hash = hash_of(token);
    let Some(found) = tokens::find(tx, &hash, now).await? else { return Ok(Traded::Unknown) };
    let sign_in_id = found.sign_in_id;
    let Some(held) = sign_ins::hold(tx, sign_in_id, now).await? else { return Ok(Traded::Unknown) };
    // Somebody else may have traded it while we waited.
    let Some(kept) = tokens::find(tx, &hash, now).await? else { return Ok(Traded::Unknown) };
    let traded = |token| Traded::For { user_id: held.user_id, sign_in_id, store_id: held.store_id, token };
    let Some(salt) = kept.successor_salt else {
        let salt = random();
        let next = successor(token, &salt);
        tokens::replace(tx, &hash, &salt, attempt_id, now).await?;
        tokens::insert(tx, &hash_of(&next), (held.user_id, sign_in_id), now + lifetime, now).await?;
        return Ok(traded(next));
    };
    let next = successor(token, &salt);
    let unused = tokens::find(tx, &hash_of(&next), now).await?.is_some_and(|next| next.successor_salt.is_none());
    if attempt_id.is_some() && attempt_id == kept.attempt_id && unused {
        return Ok(traded(next));
    }
    sign_ins::end(tx, held.user_id, sign_in_id, EndedWhy::TokenReused).await?;
    Ok(Traded::Reused { user_id: held.user_id, sign_in_id })
}

/// Whether this is the token that the sign-in holds now: of the sign-in, and not traded yet.
pub async fn is_current(
    tx: &mut PgConnection,
    token: &str,
    sign_in_id: SignInId,
    now: DateTime<Utc>,
) -> storage::Result<bool> {
    let found = tokens::find(tx, &hash_of(token), now).await?;
    Ok(found.is_some_and(|kept| kept.sign_in_id == sign_in_id && kept.successor_salt.is_none()))
}

/// A new token of a sign-in that goes on under other terms; those before count as traded. `None`: it has ended.
pub async fn renew(
    tx: &mut PgConnection,
    user_id: UserId,
    sign_in_id: SignInId,
    lifetime: Duration,
    now: DateTime<Utc>,
) -> storage::Result<Option<String>> {
    if sign_ins::hold(tx, sign_in_id, now).await?.is_none_or(|held| held.user_id != user_id) {
        return Ok(None);
    }
    tokens::replace_all(tx, sign_in_id, &random(), now).await?;
    let text = hex::encode(random());
    tokens::insert(tx, &hash_of(&text), (user_id, sign_in_id), now + lifetime, now).await?;
    Ok(Some(text))
}

/// Whose device a token is of, whether it was traded or not.
pub async fn device_of(
    db: &mut PgConnection,
    token: &str,
    now: DateTime<Utc>,
) -> storage::Result<Option<(UserId, SignInId)>> {
    Ok(tokens::find(db, &hash_of(token), now).await?.map(|kept| (kept.user_id, kept.sign_in_id)))
}
