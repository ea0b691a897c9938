//! One Redis and one Postgres for the whole binary; each test gets a database and a key prefix of its own.

use graborder::{
    servers::{PgOptions, PrivatePostgres, PrivateRedis, RedisOptions, Search},
    storage::Db,
};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};
use tokio::sync::{Mutex, OnceCell};

struct Servers {
    postgres: PrivatePostgres,
    redis: PrivateRedis,
}

/// A static is never dropped: the guards beside the servers end them, and remove their data, when this process is gone.
static SERVERS: OnceCell<Servers> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);
/// Two tests may copy the template in the same moment, which Postgres refuses to one of them.
static COPYING: Mutex<()> = Mutex::const_new(());

#[expect(clippy::disallowed_methods, reason = "a test stands where config stands in the product")]
pub fn search() -> Search {
    Search::new(&std::env::var_os("PATH").expect("PATH is set"), Vec::new(), std::env::temp_dir())
}

/// A folder nobody else uses; whoever starts a server in it has it removed with the server.
pub fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("graborder-test-{name}-{:016x}", rand::random::<u64>()))
}

async fn servers() -> &'static Servers {
    SERVERS
        .get_or_init(|| async {
            let folder = scratch("shared");
            let wishes = PgOptions { fsync: false, discard: true, ..PgOptions::new(search()) };
            let postgres = PrivatePostgres::start(&folder.join("postgres"), wishes).await.expect("Postgres starts");
            postgres.create_database("template").await.expect("a template");
            let template = Db::connect(&postgres.url("template"), 2).await.expect("connects");
            template.migrate().await.expect("migrates");
            template.0.close().await;
            let wishes = RedisOptions { appendonly: false, discard: true, ..RedisOptions::new(search()) };
            let redis = PrivateRedis::start(&folder.join("redis"), wishes).await.expect("Redis starts");
            Servers { postgres, redis }
        })
        .await
}

/// The address of a migrated, empty database of one's own, and a name that nobody else uses as a key prefix.
pub async fn database() -> (String, String) {
    let servers = servers().await;
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let copying = COPYING.lock().await;
    servers.postgres.create_database_like(&name, "template").await.expect("a database");
    drop(copying);
    (servers.postgres.url(&name), name)
}

pub async fn redis_url() -> String {
    servers().await.redis.url()
}

/// A Redis that may be killed: nobody else's, with its log on disk.
pub async fn own_redis() -> PrivateRedis {
    let wishes = RedisOptions { appendonly: true, discard: true, ..RedisOptions::new(search()) };
    PrivateRedis::start(&scratch("redis"), wishes).await.expect("Redis starts")
}
