//! Reading the log of one epoch from a position on. The reader has a connection of its own, because a blocking read would
//! make everybody behind it wait; and it drops that connection after any failure, because the answer to an abandoned read
//! may still come and must not be taken for the next one's.

use super::Entry;
use crate::hot::{HotError, HotPool};
use redis::Value;
use std::time::Duration;

pub struct LogReader {
    pool: HotPool,
    log: String,
    connection: Option<(Duration, crate::hot::Link)>,
}

impl LogReader {
    pub fn new(pool: &HotPool, epoch: i64) -> Self {
        Self { log: pool.keys().log(epoch), pool: pool.clone(), connection: None }
    }

    /// Up to `count` entries after `pos` (`0-0`: from the beginning), waiting up to `block_ms` for the first. None when
    /// nothing came, or the log is not there.
    pub async fn read(&mut self, pos: &str, count: usize, block_ms: u64) -> Result<Vec<Entry>, HotError> {
        let mut xread = redis::cmd("XREAD");
        xread.arg("COUNT").arg(count);
        // Redis takes a block of 0 as for ever.
        if block_ms > 0 {
            xread.arg("BLOCK").arg(block_ms);
        }
        xread.arg("STREAMS").arg(&self.log).arg(pos);
        match self.call(&xread, Duration::from_millis(block_ms)).await? {
            Value::Nil => Ok(Vec::new()),
            Value::Array(streams) => match <[Value; 1]>::try_from(streams) {
                Ok([Value::Array(stream)]) => match <[Value; 2]>::try_from(stream) {
                    Ok([_log, Value::Array(entries)]) => entries.into_iter().map(entry).collect(),
                    _ => Err(unreadable("one stream")),
                },
                _ => Err(unreadable("its streams")),
            },
            _ => Err(unreadable("XREAD")),
        }
    }

    /// The newest entry: where the log ends now. `None`: it is empty or not there.
    pub async fn end(&mut self) -> Result<Option<Entry>, HotError> {
        let mut last = redis::cmd("XREVRANGE");
        last.arg(&self.log).arg("+").arg("-").arg("COUNT").arg(1);
        match self.call(&last, Duration::ZERO).await? {
            Value::Array(entries) => entries.into_iter().next().map(entry).transpose(),
            _ => Err(unreadable("XREVRANGE")),
        }
    }

    async fn call(&mut self, command: &redis::Cmd, block: Duration) -> Result<Value, HotError> {
        let connection = match self.connection.take() {
            Some((for_block, connection)) if for_block >= block => (for_block, connection),
            _ => (block, self.pool.dedicated(block + crate::hot::BLOCKING_SLACK)),
        };
        // Taken out for the call: when it fails, or is abandoned half-way, the connection goes with it.
        let value = connection.1.call(command).await?;
        self.connection = Some(connection);
        Ok(value)
    }
}

fn entry(value: Value) -> Result<Entry, HotError> {
    let Value::Array(parts) = value else { return Err(unreadable("an entry")) };
    let Ok([Value::BulkString(id), Value::Array(words)]) = <[Value; 2]>::try_from(parts) else {
        return Err(unreadable("an entry's parts"));
    };
    let words = words.into_iter().map(|word| match word {
        // What is no text cannot be read as a field either, and is told as what it looks like.
        Value::BulkString(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        _ => Err(unreadable("a field")),
    });
    let words: Vec<String> = words.collect::<Result<_, _>>()?;
    let (pairs, _) = words.as_chunks::<2>();
    let fields = pairs.iter().map(|[name, text]| (name.clone(), text.clone())).collect();
    let id = String::from_utf8(id).map_err(|_| unreadable("an entry's id"))?;
    Ok(Entry::read(id, fields))
}

fn unreadable(what: &str) -> HotError {
    HotError::Corrupt(format!("the log: {what} is not as Redis answers"))
}
