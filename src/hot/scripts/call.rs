//! Calling a script: by hash, loading it where the server does not know it, and reading the words of its reply.

use crate::hot::{HotError, NotExecuted, link::Link};
use redis::{Cmd, Value};

/// A script as Redis gets it: the engine's line, the shared openings, then the script's own file.
pub(super) struct Lua {
    name: &'static str,
    text: &'static str,
    hash: String,
}

/// `lua!("claim", "fence.lua", "records.lua", "claim.lua")`: a script that is put together when it is first called.
macro_rules! lua {
    ($name:literal, $($file:literal),+) => {
        std::sync::LazyLock::new(|| {
            super::call::Lua::new($name, concat!("#!lua\n", $(include_str!(concat!("../../../lua/", $file))),+))
        })
    };
}
pub(super) use lua;

impl Lua {
    pub(super) fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, hash: redis::Script::new(text).get_hash().to_owned() }
    }

    pub(super) async fn run(&self, link: &Link, keys: &[String], arguments: &[String]) -> Result<Reply, HotError> {
        let mut command = Cmd::with_capacity(3 + keys.len() + arguments.len(), 4096);
        command.arg("EVALSHA").arg(&self.hash).arg(keys.len()).arg(keys).arg(arguments);
        let value = match link.call(&command).await {
            Err(HotError::NotExecuted(NotExecuted::NoScript)) => {
                link.call(redis::cmd("SCRIPT").arg("LOAD").arg(self.text)).await?;
                link.call(&command).await?
            }
            outcome => outcome?,
        };
        Reply::read(self.name, value)
    }
}

/// The words that a script answered.
#[derive(Debug)]
pub(super) struct Reply {
    script: &'static str,
    words: Vec<String>,
}

impl Reply {
    fn read(script: &'static str, value: Value) -> Result<Self, HotError> {
        let Value::Array(values) = value else {
            return Err(HotError::Corrupt(format!("{script} answered {value:?}")));
        };
        let words = values.into_iter().map(|value| match value {
            Value::BulkString(bytes) => {
                String::from_utf8(bytes).map_err(|_| HotError::Corrupt(format!("{script}: not UTF-8")))
            }
            other => Err(HotError::Corrupt(format!("{script} answered {other:?}"))),
        });
        let reply = Self { script, words: words.collect::<Result<_, _>>()? };
        match reply.first() {
            "corrupt" => Err(HotError::Corrupt(format!("{script}: {}", reply.words.get(1).map_or("", String::as_str)))),
            _ => Ok(reply),
        }
    }

    pub(super) fn first(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    pub(super) fn word(&self, at: usize) -> Result<&str, HotError> {
        self.words.get(at).map(String::as_str).ok_or_else(|| self.unknown())
    }

    pub(super) fn number(&self, at: usize) -> Result<i64, HotError> {
        self.word(at)?.parse().map_err(|_| self.unknown())
    }

    pub(super) fn rest(&self, from: usize) -> &[String] {
        self.words.get(from..).unwrap_or_default()
    }

    /// What a caller gives for words that it does not know.
    pub(super) fn unknown(&self) -> HotError {
        HotError::Corrupt(format!("{} answered {:?}", self.script, self.words.iter().take(4).collect::<Vec<_>>()))
    }
}
