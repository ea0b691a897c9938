//! Hot state in Redis: `docs/redis.md` names every key and every script. Redis is the sequencer, not the truth: all of this
//! can be rebuilt from Postgres. Nothing here reads a key in order to decide; only the scripts decide.

mod error;
mod keys;
mod link;

mod assert;
mod lineage;
pub mod load;
mod look;
mod scripts;

mod access;
mod grabbing;
mod hint;
mod messages;
mod presence;
mod ticket;

use crate::domain::ids::{ClaimId, PoolId, RoundId};
use link::ADMIN_TIMEOUT;
pub(crate) use link::{BLOCKING_SLACK, Link};
use redis::{Client, FromRedisValue, Value};
use std::{sync::Arc, time::Duration};

pub use error::{HotError, NotExecuted};
pub use keys::Keys;
pub use lineage::PoolHead;
pub use load::{Latch, Snapshot, SnapshotRound, WarmLine, WarmRound, WarmStore, WarmStoreLine};
pub use look::{Loaded, RoundHead};
pub use messages::Messages;
pub use presence::NodePresence;
pub use scripts::{
    BlessReply, ClaimAnswer, ClaimReply, Claimer, IgnoredWhy, RebuildReply, ReleaseReply, ReportReply, RoundReply,
    WarmReply,
};

/// Where Redis is and how its keys begin.
#[derive(Clone)]
pub struct HotConfig {
    /// `redis://[user:password@]host:port/db`; it may hold a password, so it is never printed.
    pub url: String,
    pub prefix: String,
}

/// Redis as the node sees it. Cheap to clone; all clones share one recovering connection for everyday calls.
#[derive(Clone)]
pub struct Hot {
    client: Client,
    prefix: Arc<str>,
    link: Arc<Link>,
}

impl Hot {
    /// Connects, and refuses a server that could lose or evict what is decided there.
    pub async fn connect(config: HotConfig) -> Result<Self, HotError> {
        let client = Client::open(config.url.as_str())
            .map_err(|error| HotError::Refused(format!("its address cannot be read: {error}")))?;
        let link = Arc::new(Link::new(client.clone(), ADMIN_TIMEOUT));
        let hot = Self { client, prefix: config.prefix.into(), link };
        hot.assert_fit().await?;
        Ok(hot)
    }

    /// Whether Redis answers at all.
    pub async fn ping(&self) -> Result<(), HotError> {
        self.link.call(&redis::cmd("PING")).await.map(|_| ())
    }

    pub fn pool(&self, pool: &PoolId) -> HotPool {
        HotPool { hot: self.clone(), keys: Arc::new(Keys::new(&self.prefix, pool)) }
    }
}

/// The hot state of one pool of stores. Cheap to clone.
#[derive(Clone)]
pub struct HotPool {
    hot: Hot,
    keys: Arc<Keys>,
}

impl HotPool {
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The packed verdict of a claim that was decided in a round that is still here.
    pub async fn verdict(&self, round_id: RoundId, claim_id: ClaimId) -> Result<Option<String>, HotError> {
        let mut get = redis::cmd("HGET");
        get.arg(self.keys.claims(round_id)).arg(claim_id.to_string());
        read(self.hot.link.call(&get).await?)
    }

    /// Removes an archived or cancelled round; from then on Postgres answers for its claims. Its counters stay: they belong
    /// to days, and leave when a store's record is next loaded 40 days later.
    pub async fn drop_round(&self, round_id: RoundId) -> Result<(), HotError> {
        let keys = &self.keys;
        let mut unlink = redis::cmd("UNLINK");
        unlink.arg(keys.round(round_id)).arg(keys.lines(round_id)).arg(keys.invited(round_id));
        unlink.arg(keys.taken(round_id)).arg(keys.claims(round_id));
        self.hot.link.call(&unlink).await.map(|_| ())
    }

    /// A connection of one's own, for whoever must not wait behind others or blocks.
    pub(crate) fn dedicated(&self, timeout: Duration) -> Link {
        Link::new(self.hot.client.clone(), timeout)
    }
}

fn read<T: FromRedisValue>(value: Value) -> Result<T, HotError> {
    redis::from_redis_value(value).map_err(|error| HotError::Corrupt(error.to_string()))
}
