//! A connection to Redis that is replaced when it can no longer be trusted.
//!
//! The client's own recovery notices only a lost socket. A half-open one, or a server that was demoted under it, answers
//! with timeouts or refusals for ever; so those replace the connection too. A failed command is never sent again from here:
//! only its caller knows whether that is safe.

use super::error::{HotError, NotExecuted};
use redis::{AsyncConnectionConfig, Client, Cmd, RedisError, Value, aio::MultiplexedConnection};
use std::time::Duration;
use tokio::sync::Mutex;

pub(crate) const CLAIM_TIMEOUT: Duration = Duration::from_millis(800);
pub(crate) const ADMIN_TIMEOUT: Duration = Duration::from_secs(2);
/// On top of the time that a blocking read may block.
pub(crate) const BLOCKING_SLACK: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// One slow moment is forgiven; so many in a row are a dead link.
const TIMEOUTS_MAX: u32 = 3;

/// Shared by many callers for everyday use, or owned by one: a claim loop, a log reader.
pub(crate) struct Link {
    client: Client,
    timeout: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// Counts the connections, so that a late failure of an old one does not cost the new one.
    generation: u64,
    timeouts_in_a_row: u32,
}

impl Link {
    /// Connects at the first call.
    pub(crate) fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout, state: Mutex::default() }
    }

    pub(crate) async fn call(&self, command: &Cmd) -> Result<Value, HotError> {
        let (mut connection, generation) = self.connection().await?;
        match command.query_async::<Value>(&mut connection).await {
            Ok(value) => {
                self.state.lock().await.timeouts_in_a_row = 0;
                Ok(value)
            }
            Err(error) => {
                let lost = !error.is_timeout() && (error.is_io_error() || error.is_unrecoverable_error());
                let timed_out = error.is_timeout();
                let failed = HotError::after_send(error);
                self.note(generation, timed_out, lost || is_demoted(&failed)).await;
                Err(failed)
            }
        }
    }

    /// Makes sure that there is a connection, so that a later call does not begin with making one.
    pub(crate) async fn connect(&self) -> Result<(), HotError> {
        self.connection().await.map(|_| ())
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), HotError> {
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            return Ok((connection.clone(), state.generation));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(self.timeout));
        let made = self.client.get_multiplexed_async_connection_with_config(&config);
        // The library bounds the steps of connecting one by one; together they must not last longer either.
        let connection = tokio::time::timeout(CONNECT_TIMEOUT, made)
            .await
            .unwrap_or_else(|_| Err(RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))))
            .map_err(HotError::unconnected)?;
        state.generation += 1;
        state.timeouts_in_a_row = 0;
        state.connection = Some(connection.clone());
        Ok((connection, state.generation))
    }

    async fn note(&self, generation: u64, timed_out: bool, untrusted: bool) {
        let mut state = self.state.lock().await;
        if state.generation != generation {
            return;
        }
        state.timeouts_in_a_row = if timed_out { state.timeouts_in_a_row + 1 } else { 0 };
        if untrusted || state.timeouts_in_a_row >= TIMEOUTS_MAX {
            state.connection = None;
        }
    }
}

/// A server that answers so is not, or not now, the primary; another one may be by the next connection.
fn is_demoted(error: &HotError) -> bool {
    matches!(
        error,
        HotError::NotExecuted(
            NotExecuted::ReadOnly | NotExecuted::NoReplicas | NotExecuted::Loading | NotExecuted::PrimaryDown
        )
    )
}
