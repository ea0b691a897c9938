//! The first start: empty books, a token from the log, an administrator.

use super::{accounts::try_login, books::Books, world::Caller};
use crate::servers;
use futures_util::future::join_all;
use graborder::app::{self, Roles};
use serde_json::{Value, json};
use std::{
    io::Write,
    process::{Command, Stdio},
};

const SECRET: &str = "only for tests: thirty-two bytes and more";
const NEW: &str = "a password of my own";

async fn without_admin() -> (Books, String) {
    let books = Books::open().await;
    sqlx::query("update users set status = 'disabled' where role = 'admin'")
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    let token = books.world.setup_token();
    (books, token)
}

fn admin(token: &str, login: &str) -> Value {
    json!({"token": token, "login": login, "name": "管理员", "password": NEW})
}

#[actix_web::test]
async fn while_nobody_administrates_the_token_of_the_log_makes_an_administrator() {
    let (books, token) = without_admin().await;
    let (world, nobody) = (&books.world, Caller::nobody());
    assert_eq!(world.get(&nobody, "/setup").await.ok(), json!({"needed": true}));
    world.post(&nobody, "/setup", admin("guess", "boss")).await.problem(403, "bad_setup_token");
    world.post(&nobody, "/setup", admin(&token, "staff")).await.problem(409, "login_taken");
    let mut short = admin(&token, "boss");
    short["password"] = json!("short");
    world.post(&nobody, "/setup", short).await.problem(422, "invalid");
    let made = world.post(&nobody, "/setup", admin(&token, "boss")).await;
    assert_eq!((made.status.as_u16(), &made.json()["role"]), (201, &json!("admin")));
    assert_eq!(try_login(&books, "boss", NEW).await.ok()["user"]["role"], "admin");
    assert_eq!(world.get(&nobody, "/setup").await.ok(), json!({"needed": false}));
    world.post(&nobody, "/setup", admin(&token, "second")).await.problem(409, "wrong_state");
}

#[actix_web::test]
async fn of_several_who_begin_at_once_one_becomes_the_administrator() {
    let (books, token) = without_admin().await;
    let nobody = Caller::nobody();
    let tries = (0..4).map(|n| {
        let (world, nobody, said) = (&books.world, &nobody, admin(&token, &format!("boss-{n}")));
        async move { world.post(nobody, "/setup", said).await.status.as_u16() }
    });
    let mut codes = join_all(tries).await;
    codes.sort_unstable();
    assert_eq!(codes, [201, 409, 409, 409]);
}

#[actix_web::test]
async fn empty_books_get_their_chain_with_the_administrator() {
    let world = super::world::World::new().await;
    let nobody = Caller::nobody();
    let mut said = admin(&world.setup_token(), "boss");
    said["chain_name"] = json!("四季连锁");
    assert_eq!(world.post(&nobody, "/setup", said).await.status.as_u16(), 201);
    let login = json!({"login": "boss", "password": NEW});
    let body = world.post(&nobody, "/auth/login", login).await.ok();
    let token = body["access_token"].as_str().expect("is a text");
    assert_eq!(world.get(&Caller::with_token(token), "/me").await.ok()["chain"]["name"], "四季连锁");
}

/// Settings for a node or a command on books that are migrated and empty.
async fn empty_books() -> (graborder::config::Settings, String) {
    let (postgres_url, prefix) = servers::database().await;
    let redis_url = servers::redis_url().await;
    let mut settings =
        graborder::config::Settings::private(redis_url, postgres_url.clone(), SECRET.to_owned()).expect("fits");
    settings.redis.prefix = prefix;
    settings.http.bind = "127.0.0.1:0".to_owned();
    settings.http.workers = 1;
    settings.postgres.connections = 4;
    (settings, postgres_url)
}

#[actix_web::test]
async fn a_node_starts_on_empty_books_and_asks_for_its_administrator() {
    let (settings, postgres_url) = empty_books().await;
    let node = app::start(&settings, Roles::ALL).await.expect("the node starts");
    let url = format!("http://{}/api/v1/setup", node.address.expect("an address"));
    let answer: Value = reqwest::get(url).await.expect("answers").json().await.expect("is JSON");
    assert_eq!(answer, json!({"needed": true}));
    // The writer gets along without a chain: the pool's first entries are in the books.
    let db = graborder::storage::Db::connect(&postgres_url, 2).await.expect("connects");
    let began = std::time::Instant::now();
    loop {
        let written: bool =
            sqlx::query_scalar("select log_pos <> '0-0' from pools").fetch_one(&db.0).await.expect("reads");
        if written {
            break;
        }
        assert!(began.elapsed().as_secs() < 10, "the writer does not write");
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    node.end().await;
}

#[actix_web::test]
async fn the_command_line_makes_an_administrator_and_shows_no_password() {
    let (settings, postgres_url) = empty_books().await;
    let run = |login: &'static str, password: &'static str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_graborder"))
            .args(["create-admin", "--login", login, "--name", "管理员", "--chain-name", "四季连锁"])
            .env("DATABASE_URL", &postgres_url)
            .env("GRABORDER_REDIS_URL", &settings.redis.url)
            .env("GRABORDER_TOKEN_SECRET", SECRET)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        // Whoever refuses the login does not read on.
        let unread = writeln!(child.stdin.take().expect("is piped"), "{password}").is_err();
        assert!(!unread || login == "Boss", "the password is read");
        let done = child.wait_with_output().expect("ends");
        let said = [done.stdout, done.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!said.contains(password), "{said}");
        (done.status.success(), said)
    };
    assert!(!run("Boss", NEW).0, "a login is plain");
    assert!(!run("boss", "short").0, "a password is long");
    assert!(run("boss", NEW).0);
    let (made, said) = run("boss", NEW);
    assert!(!made && said.contains("has this login already"), "{said}");

    let db = graborder::storage::Db::connect(&postgres_url, 2).await.expect("connects");
    let chain: String = sqlx::query_scalar("select name from chain").fetch_one(&db.0).await.expect("reads");
    let admins: i64 = sqlx::query_scalar("select count(*) from users where role = 'admin' and status = 'active'")
        .fetch_one(&db.0)
        .await
        .expect("reads");
    assert_eq!((chain.as_str(), admins), ("四季连锁", 1));
}
