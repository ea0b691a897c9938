//! Private Redis and Postgres with the demo chain in a data folder of their own, shared by `dev`, load runs and tests.
//!
//! `graborder private` starts them, writes `private.json` beside their data, and waits for Ctrl-C.

use super::{Failure, runtime};
use crate::{
    auth::password,
    config::{Settings, Surroundings},
    demo::plant::{self, Login},
    servers::{PgOptions, PrivatePostgres, PrivateRedis, RedisOptions, Search},
    storage::Db,
};
use clap::Args;
use serde::Serialize;
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct Options {
    /// Where servers keep their data and logins are written.
    #[arg(long, default_value = ".data")]
    pub(super) data: PathBuf,
    /// Folders in which to look for redis-server and postgres before PATH.
    #[arg(long)]
    pub(super) programs: Vec<PathBuf>,
    /// For tests: Postgres does not wait for the disk, and the data goes when we do.
    #[arg(long)]
    pub(super) discard: bool,
    /// Postgres waits for the disk all the same: what is measured must not lie.
    #[arg(long)]
    pub(super) durable: bool,
}

/// What runs here. Dropping it stops the servers that it started, and only those.
pub(super) struct Private {
    pub(super) settings: Settings,
    pub(super) logins: Vec<Login>,
    _redis: Option<PrivateRedis>,
    _postgres: Option<PrivatePostgres>,
}

/// For scripts: how to reach the servers and who may sign in.
#[derive(Serialize)]
struct PrivateJson<'a> {
    redis_url: &'a str,
    database_url: &'a str,
    token_secret: &'a str,
    logins: &'a [Login],
}

pub(super) fn run(options: Options) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let private = start(&options).await?;
        let json = PrivateJson {
            redis_url: &private.settings.redis.url,
            database_url: &private.settings.postgres.url,
            token_secret: &private.settings.tokens.secret,
            logins: &private.logins,
        };
        let file = options.data.join("private.json");
        write_secret(&file, &serde_json::to_vec_pretty(&json)?)?;
        println!("private servers are up; {} says how to reach them; Ctrl-C ends them", file.display());
        stop_asked().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Ends when the person or the system asks us to.
pub(super) async fn stop_asked() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Servers up, tables made, demo planted, everybody able to sign in.
pub(super) async fn start(options: &Options) -> Result<Private, Failure> {
    fs::create_dir_all(&options.data)?;
    let data = options.data.canonicalize()?;
    let around = Surroundings::read();
    let search = Search::new(&around.path, options.programs.clone(), around.temp_dir);

    let (redis, redis_url) = match around.redis_url {
        Some(url) => (None, url),
        None => {
            let wishes = RedisOptions { discard: options.discard, ..RedisOptions::new(search.clone()) };
            let redis = PrivateRedis::start(&data.join("redis"), wishes).await?;
            let url = redis.url();
            (Some(redis), url)
        }
    };
    let (postgres, postgres_url) = match around.postgres_url {
        Some(url) => (None, url),
        None => {
            let wishes = PgOptions {
                fsync: options.durable || !options.discard,
                discard: options.discard,
                ..PgOptions::new(search)
            };
            let postgres = PrivatePostgres::start(&data.join("postgres"), wishes).await?;
            if !postgres.has_database("graborder").await? {
                postgres.create_database("graborder").await?;
            }
            let url = postgres.url("graborder");
            (Some(postgres), url)
        }
    };

    let settings = Settings::private(redis_url, postgres_url, kept(&data.join("token_secret"), 64)?)?;
    let db = Db::connect(&settings.postgres.url, 2).await?;
    db.migrate().await?;
    plant::chain(&db).await?;
    // One password for all demo logins, drawn once a data folder: nothing to guess, nothing to type 600 times.
    let password = kept(&data.join("demo_password"), 8)?;
    let hash = password::hash(&password.as_str().into())?;
    let logins = plant::users(&db, &password, &hash).await?;
    Ok(Private { settings, logins, _redis: redis, _postgres: postgres })
}

/// A random word of lower-case hex digits, made at the first start and kept in its file.
fn kept(file: &Path, digits: usize) -> io::Result<String> {
    match fs::read_to_string(file) {
        Ok(word) if word.len() == digits => Ok(word),
        Ok(_) | Err(_) => {
            let bytes: Vec<u8> = (0..digits.div_ceil(2)).map(|_| rand::random()).collect();
            let word = hex::encode(bytes)[..digits].to_owned();
            write_secret(file, word.as_bytes())?;
            Ok(word)
        }
    }
}

/// Only its owner may read it.
pub(super) fn write_secret(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut open = fs::OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600).open(file)?.write_all(content)
}
