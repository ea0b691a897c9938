//! Redis without the typed calls: for arguments that types forbid, and for looking at what stands there.

use redis::{RedisResult, Value, aio::MultiplexedConnection};

pub struct Raw {
    pub connection: MultiplexedConnection,
    pub prefix: String,
}

/// A script as it is put together for Redis.
#[derive(Clone, Copy)]
pub struct Script(pub &'static [&'static str]);

const FENCE: &str = include_str!("../../lua/fence.lua");
const RECORDS: &str = include_str!("../../lua/records.lua");
const INTENT: &str = include_str!("../../lua/intent.lua");
const LOAD: &str = include_str!("../../lua/load.lua");

pub const CLAIM: Script = Script(&[FENCE, RECORDS, include_str!("../../lua/claim.lua")]);
pub const OPEN: Script = Script(&[FENCE, INTENT, include_str!("../../lua/open.lua")]);
pub const PAUSE: Script = Script(&[FENCE, INTENT, include_str!("../../lua/pause.lua")]);
pub const RESUME: Script = Script(&[FENCE, INTENT, include_str!("../../lua/resume.lua")]);
pub const EXTEND: Script = Script(&[FENCE, INTENT, include_str!("../../lua/extend.lua")]);
pub const CLOSE: Script = Script(&[FENCE, INTENT, include_str!("../../lua/close.lua")]);
pub const RELEASE: Script = Script(&[FENCE, include_str!("../../lua/release.lua")]);
pub const WRITTEN: Script = Script(&[FENCE, include_str!("../../lua/written.lua")]);
pub const WARM: Script = Script(&[FENCE, RECORDS, LOAD, include_str!("../../lua/warm.lua")]);
pub const BEGIN_REBUILD: Script = Script(&[FENCE, include_str!("../../lua/begin_rebuild.lua")]);
pub const REBUILD: Script = Script(&[FENCE, RECORDS, LOAD, include_str!("../../lua/rebuild.lua")]);
pub const BLESS: Script = Script(&[FENCE, include_str!("../../lua/bless.lua")]);
pub const DROP_LOG: Script = Script(&[FENCE, include_str!("../../lua/drop_log.lua")]);

impl Raw {
    pub async fn connect(url: &str, prefix: String) -> Self {
        let client = redis::Client::open(url).unwrap();
        Self { connection: client.get_multiplexed_async_connection().await.unwrap(), prefix }
    }

    pub async fn run<T: redis::FromRedisValue>(&mut self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        command.query_async(&mut self.connection).await.unwrap()
    }

    /// A number in a field of a hash; `None` when it is absent or empty.
    pub async fn number(&mut self, key: &str, field: &str) -> Option<i64> {
        let text: Option<String> = self.run(&["HGET", key, field]).await;
        text.filter(|text| !text.is_empty()).map(|text| text.parse().unwrap())
    }

    pub async fn eval(&mut self, script: Script, keys: &[String], arguments: &[&str]) -> RedisResult<Vec<String>> {
        let text = format!("#!lua\n{}", script.0.concat());
        let mut command = redis::cmd("EVAL");
        command.arg(text).arg(keys.len()).arg(keys).arg(arguments);
        let value: Value = command.query_async(&mut self.connection).await?;
        Ok(redis::from_redis_value(value)?)
    }
}
