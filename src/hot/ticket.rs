//! One-time tickets that open a socket: whoever has one is who it says, once, for thirty seconds.

use super::{Hot, HotError, keys, read};
use serde::{Serialize, de::DeserializeOwned};

const TICKET_LIFE_S: u64 = 30;

impl Hot {
    pub async fn ticket_put(&self, ticket: &str, of: &impl Serialize) -> Result<(), HotError> {
        let text =
            serde_json::to_string(of).map_err(|error| HotError::Corrupt(format!("a ticket's content: {error}")))?;
        let mut set = redis::cmd("SET");
        set.arg(keys::ticket(&self.prefix, ticket)).arg(text).arg("EX").arg(TICKET_LIFE_S);
        self.link.call(&set).await.map(|_| ())
    }

    pub async fn ticket_exists(&self, ticket: &str) -> Result<bool, HotError> {
        let mut exists = redis::cmd("EXISTS");
        exists.arg(keys::ticket(&self.prefix, ticket));
        read(self.link.call(&exists).await?)
    }

    /// Reading it uses it up. `None`: never given, used, or too old.
    pub async fn ticket_take<T: DeserializeOwned>(&self, ticket: &str) -> Result<Option<T>, HotError> {
        let mut take = redis::cmd("GETDEL");
        take.arg(keys::ticket(&self.prefix, ticket));
        let text: Option<String> = read(self.link.call(&take).await?)?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| HotError::Corrupt(format!("a ticket's content: {error}")))
    }
}
