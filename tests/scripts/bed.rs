//! A Redis for the tests here, and for each test a pool under a prefix that nobody else uses.

use super::raw::Raw;
use graborder::{
    domain::{
        claim::Claim,
        ids::{PoolId, RoundId, UserId},
    },
    hot::{
        BlessReply, ClaimAnswer, ClaimReply, Claimer, Hot, HotConfig, HotPool, RebuildReply, Snapshot, SnapshotRound,
    },
    servers::{PrivateRedis, RedisOptions, Search},
};
use tokio::sync::OnceCell;

pub const EPOCH: i64 = 1;
/// Far from every deadline and backlog.
pub const LATER_MS: i64 = 9_000_000_000_000;
pub const BACKLOG_MAX: i64 = 1_000_000;

static SHARED: OnceCell<PrivateRedis> = OnceCell::const_new();

#[expect(clippy::disallowed_methods, reason = "a test stands where config stands in the product")]
fn search() -> Search {
    Search::new(&std::env::var_os("PATH").unwrap(), Vec::new(), std::env::temp_dir())
}

/// A number from the environment, for those who want longer or repeated runs.
#[expect(clippy::disallowed_methods, reason = "a test stands where config stands in the product")]
pub fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is {text}, not a number")))
}

pub async fn private_redis(extra: &[&str], appendonly: bool) -> PrivateRedis {
    let folder = std::env::temp_dir().join(format!("graborder-scripts-{:016x}", rand::random::<u64>()));
    let extra = extra.iter().map(|word| (*word).to_owned()).collect();
    let options = RedisOptions { appendonly, extra, discard: true, ..RedisOptions::new(search()) };
    PrivateRedis::start(&folder, options).await.unwrap()
}

/// One pool on one Redis.
pub struct Bed {
    pub hot: Hot,
    pub pool: HotPool,
    pub raw: Raw,
    pub claimer: Claimer,
    pub run_id: String,
}

impl Bed {
    /// A pool that was never built, on the Redis that the tests share.
    pub async fn bare() -> Self {
        // A static is never dropped: the guard beside the server ends it when this process is gone.
        let redis = SHARED.get_or_init(|| private_redis(&[], false)).await;
        Self::bare_on(&redis.url()).await
    }

    pub async fn bare_on(url: &str) -> Self {
        let prefix = format!("t{:016x}", rand::random::<u64>());
        let hot = Hot::connect(HotConfig { url: url.to_owned(), prefix: prefix.clone() }).await.unwrap();
        let pool = hot.pool(&PoolId::main());
        let claimer = pool.claimer().await.unwrap();
        let run_id = pool.server_run_id().await.unwrap();
        Self { raw: Raw::connect(url, prefix).await, hot, pool, claimer, run_id }
    }

    /// A blessed pool with these rounds loaded, in epoch 1.
    pub async fn with(rounds: Vec<SnapshotRound>) -> Self {
        let bed = Self::bare().await;
        bed.build(EPOCH, rounds).await;
        bed
    }

    pub async fn build(&self, epoch: i64, rounds: Vec<SnapshotRound>) {
        self.build_with(epoch, Vec::new(), rounds).await;
    }

    /// The same, with users who were changed.
    pub async fn build_with(&self, epoch: i64, users: Vec<(UserId, i64)>, rounds: Vec<SnapshotRound>) {
        assert_eq!(self.pool.begin_rebuild(epoch, &self.run_id).await.unwrap(), RebuildReply::Done);
        let snapshot = Snapshot { epoch, run_id: self.run_id.clone(), applied_no: 0, users, rounds };
        assert_eq!(self.pool.rebuild(&snapshot).await.unwrap(), RebuildReply::Done);
        let ids: Vec<RoundId> = snapshot.rounds.iter().map(|round| round.round.round_id).collect();
        let reply = self.pool.bless(epoch, &self.run_id, 0, 0, &ids).await.unwrap();
        assert!(matches!(reply, BlessReply::Blessed { n: 1, .. }), "{reply:?}");
    }

    /// The answers of one call that must go through.
    pub async fn claim(&mut self, claims: &[&Claim]) -> Vec<ClaimAnswer> {
        match self.call(claims).await {
            ClaimReply::Ok { replies, .. } => replies,
            other => panic!("{other:?}"),
        }
    }

    pub async fn call(&mut self, claims: &[&Claim]) -> ClaimReply {
        self.claimer.claim(EPOCH, LATER_MS, BACKLOG_MAX, claims[0].round_id, claims).await.unwrap()
    }

    pub async fn now_ms(&self) -> i64 {
        self.pool.now_ms().await.unwrap()
    }
}
