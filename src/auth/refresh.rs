//! Refresh tokens: opaque, random, good once and for some days. The books hold only their hash.

use crate::{
    domain::ids::UserId,
    storage::{self, tokens},
};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// 256 bits from the system's generator: not to be guessed, so a plain hash protects them.
const TOKEN_BYTES: usize = 32;

/// A token fresh from the generator, with what the books keep of it.
struct Fresh {
    text: String,
    hash: Vec<u8>,
    expires_at: DateTime<Utc>,
}

impl Fresh {
    fn new(expires_at: DateTime<Utc>) -> Self {
        let text = hex::encode(rand::random::<[u8; TOKEN_BYTES]>());
        let hash = hash_of(&text);
        Self { text, hash, expires_at }
    }
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// The first token of a sign-in. What has expired of that user's older ones goes at the same time.
pub async fn begin(db: &mut PgConnection, user_id: UserId, lifetime: Duration, now: DateTime<Utc>) -> storage::Result<String> {
    let fresh = Fresh::new(now + lifetime);
    tokens::insert(db, &fresh.hash, user_id, fresh.expires_at, now).await?;
    Ok(fresh.text)
}

/// Trades a token for its successor; `None` when it is unknown, expired or was traded before.
pub async fn rotate(
    db: &mut PgConnection,
    token: &str,
    lifetime: Duration,
    now: DateTime<Utc>,
) -> storage::Result<Option<(UserId, String)>> {
    let fresh = Fresh::new(now + lifetime);
    let user = tokens::replace(db, &hash_of(token), &fresh.hash, fresh.expires_at, now).await?;
    Ok(user.map(|user_id| (user_id, fresh.text)))
}

/// Signs out. Says nothing about whether the token was any good.
pub async fn end(db: &mut PgConnection, token: &str) -> storage::Result<()> {
    tokens::delete(db, &hash_of(token)).await
}
