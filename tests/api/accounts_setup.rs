//! The first start: empty books, a token from the log, an administrator.

use super::{accounts::try_login, books::Books, world::Caller};
use futures_util::future::join_all;
use serde_json::{Value, json};

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
