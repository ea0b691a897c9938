//! Hints that the outbox has grown: published after a commit, heard by the followers of the pool. A hint only saves waiting;
//! whoever follows also looks by itself, so a lost one costs a moment and nothing else.

use super::{HotError, HotPool};
use futures_util::StreamExt;
use redis::{Client, aio::PubSubStream};
use std::time::Duration;

const BACK_OFF_MIN: Duration = Duration::from_millis(100);
const BACK_OFF_MAX: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Without a hint for so long the subscription is made anew: a dead line looks the same as a quiet pool.
const QUIET_MAX: Duration = Duration::from_secs(20);

impl HotPool {
    pub async fn hint(&self, number: i64) -> Result<(), HotError> {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.keys.hint()).arg(number);
        self.hot.link.call(&publish).await.map(|_| ())
    }

    pub fn hints(&self) -> Hints {
        Hints { client: self.hot.client.clone(), channel: self.keys.hint(), subscription: None, back_off: BACK_OFF_MIN }
    }
}

/// A subscription that comes back by itself.
pub struct Hints {
    client: Client,
    channel: String,
    subscription: Option<PubSubStream>,
    back_off: Duration,
}

impl Hints {
    /// The next hinted number. 0 after every new subscription: something may have been missed before it, so look now.
    /// Dropping the future loses nothing but, at worst, one hint.
    pub async fn next(&mut self) -> i64 {
        loop {
            if let Some(subscription) = &mut self.subscription {
                match tokio::time::timeout(QUIET_MAX, subscription.next()).await {
                    Ok(Some(message)) => match message.get_payload::<i64>() {
                        Ok(number) => return number,
                        Err(error) => tracing::warn!(%error, "a hint that is no number"),
                    },
                    Ok(None) | Err(_) => self.subscription = None,
                }
                continue;
            }
            match tokio::time::timeout(CONNECT_TIMEOUT, subscribe(&self.client, &self.channel)).await {
                Ok(Ok(subscription)) => {
                    self.subscription = Some(subscription);
                    self.back_off = BACK_OFF_MIN;
                    return 0;
                }
                Ok(Err(error)) => tracing::warn!(%error, "no hints for now"),
                Err(_) => tracing::warn!("no hints for now: connecting takes too long"),
            }
            tokio::time::sleep(self.back_off).await;
            self.back_off = (self.back_off * 2).min(BACK_OFF_MAX);
        }
    }
}

async fn subscribe(client: &Client, channel: &str) -> redis::RedisResult<PubSubStream> {
    let mut connection = client.get_async_pubsub().await?;
    connection.subscribe(channel).await?;
    Ok(connection.into_on_message())
}
