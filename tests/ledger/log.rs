//! A log as the scripts would leave it: entries in the documented format, and the pool's head beside them.

use super::world::{AT_MS, World};
use crate::servers;
use graborder::{
    hot::{Hot, HotConfig, HotPool},
    storage::{ledger::DecidedClaim, trouble::kind},
    writer::{Error, Step, Writer},
};
use redis::{AsyncCommands, aio::MultiplexedConnection};

pub struct Log<'a> {
    world: &'a World,
    pub hot: HotPool,
    pub redis: MultiplexedConnection,
    pub epoch: i64,
    n: i64,
    appended: usize,
}

impl<'a> Log<'a> {
    /// The log of a pool that this Redis was just blessed for.
    pub async fn blessed(world: &'a World, epoch: i64) -> Self {
        let url = servers::redis_url().await;
        let redis = redis::Client::open(url.as_str()).unwrap().get_multiplexed_async_connection().await.unwrap();
        let hot = Hot::connect(HotConfig { url, prefix: world.name.clone() }).await.unwrap().pool(&world.pool);
        let mut log = Self { world, hot, redis, epoch, n: 0, appended: 0 };
        let run_id = log.hot.server_run_id().await.unwrap();
        let head =
            [("run_id", run_id), ("epoch", epoch.to_string()), ("applied_no", "0".into()), ("written", "0".into())];
        let _: () = log.redis.hset_multiple(log.hot.keys().pool(), &head).await.unwrap();
        log
    }

    /// One call's decisions.
    pub async fn claims(&mut self, claims: &[DecidedClaim]) {
        let lines: Vec<String> = claims.iter().map(|c| format!("{}|{}", c.claim_id, c.packed)).collect();
        self.body(&lines.join("\n"), claims.len()).await;
    }

    pub async fn body(&mut self, body: &str, decisions: usize) {
        self.appended += decisions;
        self.entry(&[("kind", "claims"), ("at", &AT_MS.to_string()), ("body", body)]).await;
    }

    /// An entry of the round with the next number.
    pub async fn entry(&mut self, fields: &[(&str, &str)]) {
        self.n += 1;
        let (n, round) = (self.n.to_string(), self.world.round.to_string());
        let head = [("n", n.as_str()), ("round", round.as_str())];
        self.raw(&[&head[..], fields].concat()).await;
        let counts = [("n", self.n.to_string()), ("appended", self.appended.to_string())];
        let _: () = self.redis.hset_multiple(self.hot.keys().pool(), &counts).await.unwrap();
    }

    pub async fn raw(&mut self, fields: &[(&str, &str)]) {
        let _: String = self.redis.xadd(self.hot.keys().log(self.epoch), "*", fields).await.unwrap();
    }

    /// As if Redis had lost so many entries.
    pub fn skip(&mut self, entries: i64) {
        self.n += entries;
    }

    pub fn writer(&self) -> Writer {
        Writer::new(self.world.db.clone(), self.hot.clone(), self.world.pool.clone())
    }
}

/// Steps until the log holds nothing more; returns the decisions that were new.
pub async fn drain(writer: &mut Writer) -> usize {
    let mut decisions = 0;
    loop {
        match writer.step().await {
            Ok(Step::Wrote { claims, .. }) => decisions += claims,
            Ok(Step::Lost) => {}
            Ok(Step::Idle) => return decisions,
            Ok(gap @ Step::Gap { .. }) => panic!("{gap:?}"),
            // Another writer holds the pool's row for longer than one waits, as on a machine that has much else to do.
            Err(Error::Database(error)) if kind(&error) == "55P03" => {}
            Err(error) => panic!("{error}"),
        }
    }
}
