//! Real servers, real crashes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection, Row};

use super::{PgOptions, PrivatePostgres, PrivateRedis, RedisOptions, Search, ServerError};

#[expect(clippy::disallowed_methods, reason = "a test stands where config stands in the product")]
fn search() -> Search {
    Search::new(&std::env::var_os("PATH").unwrap(), Vec::new(), std::env::temp_dir())
}

/// A folder of one's own, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("graborder-servers-{:016x}", rand::random::<u64>()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.0.exists() {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }
}

fn redis_options() -> RedisOptions {
    RedisOptions::new(search())
}

fn pg_options() -> PgOptions {
    PgOptions { fsync: false, ..PgOptions::new(search()) }
}

async fn redis_connection(redis: &PrivateRedis) -> redis::aio::MultiplexedConnection {
    redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
}

fn is_running(pid: u32, folder: &Path) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains(folder.to_str().unwrap()))
}

async fn gone_within_seconds(seconds: u64, pid: u32, folder: &Path) -> bool {
    for _ in 0..seconds * 50 {
        if !is_running(pid, folder) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn redis_killed_in_mid_run_comes_back_with_what_it_knew() {
    let folder = Folder::new();
    let mut redis = PrivateRedis::start(&folder.0, redis_options()).await.unwrap();
    let port = redis.port();
    let mut connection = redis_connection(&redis).await;
    let () = redis::cmd("SET").arg("stock").arg(7).query_async(&mut connection).await.unwrap();

    redis.kill_9().await.unwrap();
    assert_eq!(redis.pid(), None);
    redis.restart().await.unwrap();

    assert_eq!(redis.port(), port);
    let mut connection = redis_connection(&redis).await;
    let stock: i64 = redis::cmd("GET").arg("stock").query_async(&mut connection).await.unwrap();
    assert_eq!(stock, 7);
}

#[tokio::test]
async fn redis_evicts_nothing_and_keeps_a_log_of_every_write() {
    let folder = Folder::new();
    let redis = PrivateRedis::start(&folder.0, redis_options()).await.unwrap();
    let mut connection = redis_connection(&redis).await;
    for (name, expected) in
        [("maxmemory-policy", "noeviction"), ("appendonly", "yes"), ("appendfsync", "everysec"), ("save", "")]
    {
        let (_, value): (String, String) =
            redis::cmd("CONFIG").arg("GET").arg(name).query_async(&mut connection).await.unwrap();
        assert_eq!(value, expected, "{name}");
    }
}

#[tokio::test]
async fn a_server_ends_with_its_owner_however_the_owner_ends() {
    let folder = Folder::new();
    let mut redis = PrivateRedis::start(&folder.0, redis_options()).await.unwrap();
    let pid = redis.pid().unwrap();
    assert!(is_running(pid, &folder.0));
    redis.orphan();
    assert!(gone_within_seconds(10, pid, &folder.0).await);
}

#[tokio::test]
async fn dropping_a_server_waits_until_it_is_gone_and_its_folder_with_it() {
    let folder = Folder::new();
    let options = RedisOptions { discard: true, ..redis_options() };
    let redis = PrivateRedis::start(&folder.0, options).await.unwrap();
    let pid = redis.pid().unwrap();
    drop(redis);
    assert!(!is_running(pid, &folder.0));
    assert!(!folder.0.exists());
}

#[tokio::test]
async fn a_server_left_behind_by_a_dead_owner_is_ended_by_the_next() {
    let folder = Folder::new();
    let program = search().redis().unwrap();
    let port = super::ports::free().unwrap().to_string();
    let mut abandoned = std::process::Command::new(program)
        .args(["--set-proc-title", "no", "--port", &port, "--save", "", "--dir"])
        .arg(&folder.0)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    std::fs::write(folder.0.join("redis.pid"), abandoned.id().to_string()).unwrap();

    let redis = PrivateRedis::start(&folder.0, redis_options()).await.unwrap();

    assert!(abandoned.try_wait().unwrap().is_some());
    assert!(redis.pid().is_some());
}

#[tokio::test]
async fn a_stranger_who_inherited_the_process_number_is_left_in_peace() {
    let folder = Folder::new();
    let mut stranger = std::process::Command::new("sleep").arg("60").spawn().unwrap();
    std::fs::write(folder.0.join("redis.pid"), stranger.id().to_string()).unwrap();
    let redis = PrivateRedis::start(&folder.0, redis_options()).await.unwrap();
    assert_eq!(stranger.try_wait().unwrap(), None);
    drop(redis);
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_folder_in_use_is_refused_and_its_server_left_alone() {
    let folder = Folder::new();
    let first = PrivateRedis::start(&folder.0, redis_options()).await.unwrap();
    let second = PrivateRedis::start(&folder.0, redis_options()).await;
    assert!(matches!(second, Err(ServerError::InUse(_))));
    assert!(is_running(first.pid().unwrap(), &folder.0));
}

#[tokio::test]
async fn postgres_killed_in_mid_run_comes_back_with_every_commit() {
    let folder = Folder::new();
    let mut postgres = PrivatePostgres::start(&folder.0, pg_options()).await.unwrap();
    postgres.create_database("shop").await.unwrap();
    let mut connection = PgConnection::connect(&postgres.url("shop")).await.unwrap();
    connection.execute("create table stock (units int); insert into stock values (7)").await.unwrap();

    postgres.kill_9().await.unwrap();
    postgres.restart().await.unwrap();

    let mut connection = PgConnection::connect(&postgres.url("shop")).await.unwrap();
    let units: i32 = connection.fetch_one("select units from stock").await.unwrap().get(0);
    assert_eq!(units, 7);
    connection.close().await.unwrap();

    postgres.create_database_like("copy", "shop").await.unwrap();
    let mut copy = PgConnection::connect(&postgres.url("copy")).await.unwrap();
    let units: i32 = copy.fetch_one("select units from stock").await.unwrap().get(0);
    assert_eq!(units, 7);

    // Somebody is still connected to the copy, and it goes all the same.
    postgres.drop_database("copy").await.unwrap();
    assert!(PgConnection::connect(&postgres.url("copy")).await.is_err());
}

#[tokio::test]
async fn postgres_stops_and_starts_again_on_the_same_data() {
    let folder = Folder::new();
    let mut postgres = PrivatePostgres::start(&folder.0, pg_options()).await.unwrap();
    postgres.create_database("shop").await.unwrap();
    let pid = postgres.pid().unwrap();
    postgres.stop().await.unwrap();
    assert!(!is_running(pid, &postgres.data_dir()));
    drop(postgres);

    let again = PrivatePostgres::start(&folder.0, pg_options()).await.unwrap();
    PgConnection::connect(&again.url("shop")).await.unwrap().close().await.unwrap();
}

#[tokio::test]
async fn postgres_data_moves_where_its_user_can_reach_it_and_is_found_again() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let outer = Folder::new();
    std::fs::set_permissions(&outer.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    let asked_for = outer.0.join("postgres");
    let i_am_root = std::fs::metadata(&outer.0).unwrap().uid() == 0;

    let first = PrivatePostgres::start(&asked_for, pg_options()).await.unwrap();
    let data = first.data_dir();
    assert_eq!(data.starts_with(&outer.0), !i_am_root);
    first.create_database("shop").await.unwrap();
    drop(first);

    let second = PrivatePostgres::start(&asked_for, PgOptions { discard: true, ..pg_options() }).await.unwrap();
    assert_eq!(second.data_dir(), data);
    PgConnection::connect(&second.url("shop")).await.unwrap().close().await.unwrap();
    drop(second);
    assert!(!data.exists());
}

#[tokio::test]
async fn a_database_name_that_is_not_plain_is_refused() {
    let folder = Folder::new();
    let postgres = PrivatePostgres::start(&folder.0, pg_options()).await.unwrap();
    for name in ["", "Shop", "shop\"; drop database shop; --", "店"] {
        assert!(matches!(postgres.create_database(name).await, Err(ServerError::DatabaseName(_))), "{name:?}");
    }
}
