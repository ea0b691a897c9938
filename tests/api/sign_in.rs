//! Signing in, staying in, going out; and who is not let in.

use super::{
    books::{Books, PASSWORD},
    channels_sign_in,
    double::{APP_SECRET, CORP_SECRET, Mood, SESSION_KEY, token},
    world::Caller,
};
use actix_web::http::{Method, header};
use graborder::channels::Step;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

async fn signed_in(books: &Books, login: &str) -> Value {
    books.world.post(&Caller::nobody(), "/auth/login", json!({"login": login, "password": PASSWORD})).await.ok()
}

#[actix_web::test]
async fn the_right_password_opens_the_door_and_says_who_and_where_one_is() {
    let books = Books::open().await;
    let body = signed_in(&books, "staff").await;
    assert_eq!(body["expires_in_s"], 900);
    assert_eq!(body["user"]["role"], "store_staff");
    assert_eq!(body["user"]["store"]["code"], "S001");

    let token = body["access_token"].as_str().expect("is a text");
    let me = books.world.get(&Caller::with_token(token), "/me").await.ok();
    assert_eq!(me["user_id"], body["user"]["user_id"]);
    assert_eq!(me["store"]["region"], "华东");
    assert_eq!(me["chain"]["currency"], "CNY");
    assert!(me["server_time_ms"].as_i64().is_some_and(|ms| ms > 1_700_000_000_000));

    let chief = signed_in(&books, "supervisor").await;
    assert!(chief["user"].get("store").is_none());
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_login_are_told_the_same() {
    let books = Books::open().await;
    let nobody = Caller::nobody();
    let wrong = books.world.post(&nobody, "/auth/login", json!({"login": "staff", "password": "no"})).await;
    let unknown = books.world.post(&nobody, "/auth/login", json!({"login": "ghost", "password": "no"})).await;
    assert_eq!(wrong.problem(401, "bad_login"), unknown.problem(401, "bad_login"));
    let endless = json!({"login": "staff", "password": "x".repeat(129)});
    books.world.post(&nobody, "/auth/login", endless).await.problem(401, "bad_login");
}

#[actix_web::test]
async fn somebody_who_left_is_not_let_in_and_cannot_stay() {
    let books = Books::open().await;
    let body = signed_in(&books, "staff").await;
    sqlx::query("update users set status = 'disabled' where login = 'staff'")
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    let nobody = Caller::nobody();
    let again = json!({"login": "staff", "password": PASSWORD});
    books.world.post(&nobody, "/auth/login", again).await.problem(401, "bad_login");
    let refresh = json!({"refresh_token": body["refresh_token"]});
    books.world.post(&nobody, "/auth/refresh", refresh).await.problem(401, "sign_in");
    let left: i64 =
        sqlx::query_scalar("select count(*) from refresh_tokens").fetch_one(&books.world.db.0).await.expect("reads");
    assert_eq!(left, 0);
}

#[actix_web::test]
async fn a_refresh_token_is_good_once() {
    let books = Books::open().await;
    let nobody = Caller::nobody();
    let first = signed_in(&books, "manager").await;
    let trade = |body: &Value| json!({"refresh_token": body["refresh_token"]});
    let second = books.world.post(&nobody, "/auth/refresh", trade(&first)).await.ok();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    books.world.get(&Caller::with_token(second["access_token"].as_str().expect("is a text")), "/me").await.ok();
    let gone = books.world.post(&nobody, "/auth/logout", trade(&second)).await;
    // Nobody applies effects here.
    assert_eq!(gone.status.as_u16(), 202);
    books.world.post(&nobody, "/auth/refresh", trade(&second)).await.problem(401, "sign_in");
    books.world.post(&nobody, "/auth/refresh", trade(&first)).await.problem(401, "sign_in");

    let third = signed_in(&books, "manager").await;
    sqlx::query("update refresh_tokens set expires_at = now() - interval '1 second'")
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    books.world.post(&nobody, "/auth/refresh", trade(&third)).await.problem(401, "sign_in");
}

#[actix_web::test]
async fn the_books_hold_no_token_and_no_password_in_the_clear() {
    let books = Books::open().await;
    let body = signed_in(&books, "clerk").await;
    let token = body["refresh_token"].as_str().expect("is a text");
    let found: i64 = sqlx::query_scalar(
        "select (select count(*) from refresh_tokens where encode(token_hash, 'hex') = $1 or encode(token_hash, 'escape') = $1)
              + (select count(*) from users where position($2 in password_hash) > 0)",
    )
    .bind(token)
    .bind(PASSWORD)
    .fetch_one(&books.world.db.0)
    .await
    .expect("reads");
    assert_eq!(found, 0);
}

/// Everything that is logged, at the most talkative level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("is not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[actix_web::test]
async fn no_secret_is_logged_whatever_happens() {
    let (books, double) = channels_sign_in::open().await;
    let (log, nobody) = (Log::default(), Caller::nobody());
    let writer = log.clone();
    let talkative =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    // With one listener alone tracing asks the thread that meets a line first whether anybody listens; with two it asks both.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let listening = tracing::subscriber::set_default(talkative);
    let body = signed_in(&books, "staff").await;
    let access = body["access_token"].as_str().expect("is a text");
    let refresh = body["refresh_token"].as_str().expect("is a text");
    books.world.get(&Caller::with_token(access), "/me").await.ok();
    books.world.post(&nobody, "/auth/login", json!({"login": "staff", "password": format!("{PASSWORD}!")})).await;
    books.world.post(&nobody, "/auth/login", json!({"login": PASSWORD, "password": [PASSWORD]})).await;
    books.world.post(&nobody, "/auth/refresh", json!({"refresh_token": refresh, "x": refresh})).await;
    let codes = ["me:li-of-the-code", "slow", "garbage", "odd", "down", "err:40125", "busy:2:li-of-the-code"];
    for code in codes.map(|code| format!("{code}-xyz")).iter().map(String::as_str).chain(codes) {
        for way in ["wechat", "wecom"] {
            books.world.post(&nobody, &format!("/auth/{way}"), json!({"code": code, "x": code})).await;
            let said = json!({"code": code, "refresh_token": refresh});
            books.world.put(&Caller::with_token(access), &format!("/auth/{way}"), said).await;
        }
    }
    let tap = json!({"accepted": ["round_reminder"], "attempt_id": "0193cd1c-9f4e-7000-8000-000000000001"});
    books.world.post(&Caller::with_token(access), "/me/consents", tap).await.ok();
    let (round, _) = books.round().await;
    sqlx::query("update rounds set state = 'SCHEDULED', opens_at = now() + interval '5 minutes', closes_at = now() + interval '1 hour' where id = $1")
        .bind(round)
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    double.play().moods.push_back(Mood::Garbage);
    assert_eq!(books.world.messenger_step().await, Step::Sent(1));
    // The books are away: what broke is logged, and what was sent is not.
    books.world.db.0.close().await;
    let login = json!({"login": "staff", "password": PASSWORD});
    books.world.post(&nobody, "/auth/login", login).await.problem(503, "unavailable");
    books.world.post(&nobody, "/auth/logout", json!({"refresh_token": refresh})).await.problem(503, "unavailable");
    drop(listening);
    let text = String::from_utf8_lossy(&log.0.lock().expect("is not poisoned")).into_owned();
    assert!(text.contains("a request was not served"), "the log was listened to: {text}");
    let theirs = [APP_SECRET, CORP_SECRET, SESSION_KEY, &token(0), "of-the-code"];
    for secret in [PASSWORD, access, refresh, "$argon2id$"].into_iter().chain(theirs) {
        assert!(!text.contains(secret), "{secret} stands in the log");
    }
}

#[actix_web::test]
async fn without_a_good_token_every_door_asks_to_sign_in() {
    let books = Books::open().await;
    let good = signed_in(&books, "staff").await["access_token"].as_str().expect("is a text").to_owned();
    let mut parts: Vec<&str> = good.split('.').collect();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    parts[2] = "AAAA";
    let forged = parts.join(".");
    for token in ["", "x", &forged, &none, &format!("{good}x"), &"x".repeat(65_536)] {
        for path in ["/me", "/orders", "/shipments", "/stores", "/skus", "/stock"] {
            let answer = books.world.get(&Caller::with_token(token), path).await;
            answer.problem(401, "sign_in");
            assert_eq!(answer.headers.get(header::WWW_AUTHENTICATE).expect("is named"), "Bearer");
        }
    }
    books.world.get(&Caller::nobody(), "/me").await.problem(401, "sign_in");
    // Of two tokens nobody knows which one counts.
    let caller = Caller::nobody();
    let bearer = format!("Bearer {good}");
    let twice = [("authorization", bearer.as_str())];
    books.world.send(&caller, Method::GET, "/me", None, &twice).await.ok();
    let basic = [("authorization", "Basic c3RhZmY6eA==")];
    books.world.send(&caller, Method::GET, "/me", None, &basic).await.problem(401, "sign_in");
}

#[actix_web::test]
async fn a_problem_speaks_the_language_that_was_asked_for() {
    let books = Books::open().await;
    let ask = async |language: &'static str| {
        let headers = [("accept-language", language)];
        books.world.send(&Caller::nobody(), Method::GET, "/me", None, &headers).await.problem(401, "sign_in")["title"]
            .clone()
    };
    assert_eq!(ask("en-GB,en;q=0.9").await, "Sign in");
    assert_eq!(ask("fr").await, "请先登录");
    let plain = books.world.get(&Caller::nobody(), "/nothing-here").await;
    assert_eq!(plain.headers.get(header::CONTENT_LANGUAGE).expect("is named"), "zh-CN");
    plain.problem(404, "not_found");
}
