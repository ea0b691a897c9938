//! Passwords: argon2id with the parameters of its crate (19 MiB, two passes), never on a worker that serves sockets.
//!
//! An unknown login costs the same work as a wrong password, so that the time of an answer does not tell who exists.

use crate::domain::account::PASSWORD_BYTES_MAX;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Each check takes 19 MiB and a core for tens of milliseconds; two at once keep a small machine answering.
const AT_ONCE: usize = 2;
/// At two at once and some 30 ms each, the last in the queue waits about a second.
const WAITING_MAX: usize = 64;

/// Well-formed, and the hash of no password: what an unknown login is checked against.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Z3JhYm9yZGVyLW5vYm9keQ$YIxtPXi4DWfZ/9/S5oFsBqkZr8pTbiv3j4mI3Vq0a1c";

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has 1 to {PASSWORD_BYTES_MAX} bytes")]
    Length,
    #[error("too many sign-ins at once")]
    Busy,
    #[error("a password hash in the books is not readable")]
    Unreadable,
    #[error("hashing failed")]
    Hashing,
    #[error("the check was cut off")]
    CutOff,
}

/// The PHC string to store. Takes tens of milliseconds: not for a worker.
pub fn hash(password: &SecretString) -> Result<String, PasswordError> {
    let bytes = password.expose_secret().as_bytes();
    if !(1..=PASSWORD_BYTES_MAX).contains(&bytes.len()) {
        return Err(PasswordError::Length);
    }
    Ok(Argon2::default().hash_password(bytes).map_err(|_| PasswordError::Hashing)?.to_string())
}

/// Bounds how many passwords are being checked. They have threads of their own: a thread's allocator keeps the memory of a
/// check for the next one, which on a pool of many threads adds up to half a gigabyte.
#[derive(Clone, Debug)]
pub struct Passwords {
    waiting: Arc<Semaphore>,
    work: mpsc::Sender<Work>,
}

#[derive(Debug)]
struct Work {
    task: Task,
    /// A caller who hangs up does not free a core that is still busy, nor a place before it.
    _in_queue: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Task {
    Check { stored: Option<String>, given: SecretString, answer: Answer<bool> },
    Hash { given: SecretString, answer: Answer<String> },
}

type Answer<T> = oneshot::Sender<Result<T, PasswordError>>;

impl Default for Passwords {
    fn default() -> Self {
        let (work_in, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..AT_ONCE {
            let queue = Arc::clone(&queue);
            let started = thread::Builder::new().name("passwords".to_owned()).spawn(move || work(&queue));
            if let Err(error) = started {
                tracing::error!(%error, "passwords will be checked more slowly, or not at all");
            }
        }
        Self { waiting: Arc::new(Semaphore::new(WAITING_MAX)), work: work_in }
    }
}

/// Checks and hashes one password after the other; ends with the last `Passwords`.
fn work(queue: &Mutex<mpsc::Receiver<Work>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Work { task, _in_queue }) = next else { return };
        // Whoever asked may have hung up.
        let _gone = match task {
            Task::Check { stored, given, answer } => answer.send(verify(stored.as_deref(), &given)).is_err(),
            Task::Hash { given, answer } => answer.send(hash(&given)).is_err(),
        };
    }
}

fn verify(stored: Option<&str>, given: &SecretString) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(stored.unwrap_or(NOBODY)).map_err(|_| PasswordError::Unreadable)?;
    let right = Argon2::default().verify_password(given.expose_secret().as_bytes(), &hash).is_ok();
    Ok(stored.is_some() && right)
}

impl Passwords {
    /// Whether this is the password behind the stored hash; `None` for a login that does not exist.
    pub async fn is_right(&self, stored: Option<String>, given: SecretString) -> Result<bool, PasswordError> {
        if !(1..=PASSWORD_BYTES_MAX).contains(&given.expose_secret().len()) {
            return Ok(false);
        }
        self.wait_for(|answer| Task::Check { stored, given, answer }).await
    }

    /// The PHC string to store of a new password.
    pub async fn hashed(&self, given: SecretString) -> Result<String, PasswordError> {
        self.wait_for(|answer| Task::Hash { given, answer }).await
    }

    async fn wait_for<T>(&self, task: impl FnOnce(Answer<T>) -> Task) -> Result<T, PasswordError> {
        let in_queue = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| PasswordError::Busy)?;
        let (answer, done) = oneshot::channel();
        self.work.send(Work { task: task(answer), _in_queue: in_queue }).map_err(|_| PasswordError::CutOff)?;
        done.await.map_err(|_| PasswordError::CutOff)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn only_the_right_password_is_right_and_nobody_has_none() {
        let passwords = Passwords::default();
        let stored = hash(&"抢单-2026".to_owned().into()).expect("hashes");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.is_right(Some(stored.clone()), "抢单-2026".to_owned().into()).await.expect("checks"));
        assert!(!passwords.is_right(Some(stored), "抢单-2027".to_owned().into()).await.expect("checks"));
        assert!(!passwords.is_right(None, "抢单-2026".to_owned().into()).await.expect("checks"));
        assert!(matches!(
            passwords.is_right(Some("x".into()), "y".to_owned().into()).await,
            Err(PasswordError::Unreadable)
        ));
    }

    #[actix_web::test]
    async fn an_endless_password_is_never_hashed() {
        let long: SecretString = "x".repeat(PASSWORD_BYTES_MAX + 1).into();
        assert!(matches!(hash(&long), Err(PasswordError::Length)));
        assert!(!Passwords::default().is_right(Some("unreadable".into()), long).await.expect("is not even looked at"));
    }
}
