//! How a call to Redis can fail. What matters is whether it may have been executed: then only the same ids may be sent again.

use redis::RedisError;

#[derive(Debug, thiserror::Error)]
pub enum HotError {
    /// Redis refused the call before doing anything, or was never reached.
    #[error("not executed: {0}")]
    NotExecuted(NotExecuted),
    /// Sent, and no answer that says what became of it.
    #[error("outcome unknown: {0}")]
    Unknown(#[source] RedisError),
    /// An answer or a stored value that is none. Never taken for a default.
    #[error("unreadable: {0}")]
    Corrupt(String),
    /// This server must not be used; the text says what to set.
    #[error("this Redis will not do: {0}")]
    Refused(String),
}

#[derive(Debug, thiserror::Error)]
pub enum NotExecuted {
    #[error("no connection: {0}")]
    NotConnected(RedisError),
    #[error("the server is a replica")]
    ReadOnly,
    #[error("the server is out of memory")]
    OutOfMemory,
    #[error("the server is loading its data")]
    Loading,
    #[error("the server is busy with a long script")]
    Busy,
    #[error("the server cannot write to its disk")]
    Misconfigured,
    #[error("too few replicas answer")]
    NoReplicas,
    #[error("the server does not know the script")]
    NoScript,
    #[error("the server has lost its primary")]
    PrimaryDown,
}

impl HotError {
    /// A connection attempt that failed sent no command.
    pub(super) fn unconnected(error: RedisError) -> Self {
        Self::NotExecuted(NotExecuted::NotConnected(error))
    }

    /// These words come before execution; everything else may have come after it.
    pub(super) fn after_send(error: RedisError) -> Self {
        Self::NotExecuted(match error.code() {
            Some("READONLY") => NotExecuted::ReadOnly,
            Some("OOM") => NotExecuted::OutOfMemory,
            Some("LOADING") => NotExecuted::Loading,
            Some("BUSY") => NotExecuted::Busy,
            Some("MISCONF") => NotExecuted::Misconfigured,
            Some("NOREPLICAS") => NotExecuted::NoReplicas,
            Some("NOSCRIPT") => NotExecuted::NoScript,
            Some("MASTERDOWN") => NotExecuted::PrimaryDown,
            _ => return Self::Unknown(error),
        })
    }

    /// A short stable word for metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotExecuted(NotExecuted::NotConnected(_)) => "not_connected",
            Self::NotExecuted(NotExecuted::ReadOnly) => "read_only",
            Self::NotExecuted(NotExecuted::OutOfMemory) => "out_of_memory",
            Self::NotExecuted(NotExecuted::Loading) => "loading",
            Self::NotExecuted(NotExecuted::Busy) => "busy",
            Self::NotExecuted(NotExecuted::Misconfigured) => "misconfigured",
            Self::NotExecuted(NotExecuted::NoReplicas) => "no_replicas",
            Self::NotExecuted(NotExecuted::NoScript) => "no_script",
            Self::NotExecuted(NotExecuted::PrimaryDown) => "primary_down",
            Self::Unknown(_) => "unknown",
            Self::Corrupt(_) => "corrupt",
            Self::Refused(_) => "refused",
        }
    }
}
