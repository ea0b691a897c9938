//! One Redis and one Postgres for all tests here; each test gets a database and a key prefix of its own.

use graborder::{
    domain::ids::PoolId,
    hot::{Hot, HotConfig, HotPool},
    servers::{PgOptions, PrivatePostgres, PrivateRedis, RedisOptions, Search},
    storage::Db,
};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

pub struct Servers {
    pub postgres: PrivatePostgres,
    pub redis: PrivateRedis,
}

static SERVERS: OnceCell<Servers> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

#[expect(clippy::disallowed_methods, reason = "a test stands where config stands in the product")]
fn search() -> Search {
    Search::new(&std::env::var_os("PATH").unwrap(), Vec::new(), std::env::temp_dir())
}

/// A static is never dropped: the guards beside the servers end them when this process is gone.
pub async fn servers() -> &'static Servers {
    SERVERS
        .get_or_init(|| async {
            let folder = std::env::temp_dir().join(format!("graborder-ledger-{:016x}", rand::random::<u64>()));
            let pg = PgOptions { fsync: false, discard: true, ..PgOptions::new(search()) };
            let postgres = PrivatePostgres::start(&folder.join("postgres"), pg).await.unwrap();
            postgres.create_database("template").await.unwrap();
            let template = Db::connect(&postgres.url("template"), 1).await.unwrap();
            template.migrate().await.unwrap();
            template.0.close().await;
            let options = RedisOptions { appendonly: false, discard: true, ..RedisOptions::new(search()) };
            let redis = PrivateRedis::start(&folder.join("redis"), options).await.unwrap();
            Servers { postgres, redis }
        })
        .await
}

/// A migrated database of one's own, and a name that nobody else uses as a key prefix.
pub async fn database() -> (Db, String) {
    let servers = servers().await;
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    servers.postgres.create_database_like(&name, "template").await.unwrap();
    (Db::connect(&servers.postgres.url(&name), 4).await.unwrap(), name)
}

pub async fn hot(prefix: &str) -> HotPool {
    let config = HotConfig { url: servers().await.redis.url(), prefix: prefix.to_owned() };
    Hot::connect(config).await.unwrap().pool(&PoolId::main())
}

pub async fn redis() -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(servers().await.redis.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}
