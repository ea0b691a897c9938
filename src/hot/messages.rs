//! A channel's messages, by a subscription that comes back by itself. Messages may be lost between two subscriptions: whoever
//! listens is told of each new one, and looks for itself then.

use futures_util::StreamExt;
use redis::{Client, aio::PubSubStream};
use std::{marker::PhantomData, str::FromStr, time::Duration};

const BACK_OFF_MIN: Duration = Duration::from_millis(100);
const BACK_OFF_MAX: Duration = Duration::from_secs(2);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Without a message for so long the subscription is made anew: a dead line looks the same as a quiet channel.
const QUIET_MAX: Duration = Duration::from_secs(20);

pub struct Messages<T> {
    client: Client,
    channel: String,
    subscription: Option<PubSubStream>,
    back_off: Duration,
    _message: PhantomData<fn() -> T>,
}

impl<T: FromStr> Messages<T> {
    pub(super) fn new(client: Client, channel: String) -> Self {
        Self { client, channel, subscription: None, back_off: BACK_OFF_MIN, _message: PhantomData }
    }

    /// The next message. `None` after every new subscription: something may have been missed before it.
    /// Dropping the future loses nothing but, at worst, one message.
    pub async fn next(&mut self) -> Option<T> {
        loop {
            if let Some(subscription) = &mut self.subscription {
                match tokio::time::timeout(QUIET_MAX, subscription.next()).await {
                    Ok(Some(message)) => {
                        match message.get_payload::<String>().ok().and_then(|text| text.parse().ok()) {
                            Some(message) => return Some(message),
                            None => tracing::warn!(channel = self.channel, "a message that cannot be read"),
                        }
                    }
                    Ok(None) | Err(_) => self.subscription = None,
                }
                continue;
            }
            match tokio::time::timeout(CONNECT_TIMEOUT, subscribe(&self.client, &self.channel)).await {
                Ok(Ok(subscription)) => {
                    self.subscription = Some(subscription);
                    self.back_off = BACK_OFF_MIN;
                    return None;
                }
                Ok(Err(error)) => tracing::warn!(%error, channel = self.channel, "no messages for now"),
                Err(_) => tracing::warn!(channel = self.channel, "no messages for now: connecting takes too long"),
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
