//! A password that somebody says is theirs: counted before it is looked at.

use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
    },
    auth::lock_out::{self, Entry, Try},
    domain::clock,
    storage::users::Credentials,
};
use secrecy::SecretString;

/// What came of a guess.
pub enum Guess {
    /// The try still counts: say `right` in the transaction that lets them in.
    Right(Credentials, Try),
    Wrong,
}

/// Checks the password of a login that may not exist; an answer 423 when the login rests.
pub async fn check(
    state: &ApiState,
    login: &str,
    known: impl AsyncFnOnce(&mut sqlx::PgConnection) -> sqlx::Result<Option<Credentials>>,
    said: SecretString,
) -> Result<Guess, Problem> {
    let mut db = state.connection().await?;
    let counted = match lock_out::begin(&mut db, login, clock::now()).await? {
        Entry::Counted(counted) => counted,
        Entry::Locked { retry_after_ms } => return Err(Problem::new(Kind::Locked).retry_after(retry_after_ms)),
    };
    let known = known(&mut db).await?;
    // Checking takes a while: others may use the connection meanwhile.
    drop(db);
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    match (state.passwords.is_right(hash, said).await, known) {
        (Ok(true), Some(known)) => Ok(Guess::Right(known, counted)),
        (Ok(_), _) => Ok(Guess::Wrong),
        (Err(error), _) => {
            counted.not_made(&mut *state.connection().await?).await?;
            Err(error.into())
        }
    }
}
