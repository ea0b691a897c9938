//! One's own account: guessing, passwords, devices, stolen tokens, several stores.

use super::{
    books::{Books, PASSWORD},
    world::{Answer, Caller},
};
use actix_web::http::{Method, header};
use futures_util::future::join_all;
use graborder::domain::ids::UserId;
use serde_json::{Value, json};

const NEW: &str = "a password of my own";

pub async fn try_login(books: &Books, login: &str, password: &str) -> Answer {
    books.world.post(&Caller::nobody(), "/auth/login", json!({"login": login, "password": password})).await
}

/// Signs in on a device of its own: the answer, and who may act with it.
pub async fn signed_in(books: &Books, login: &str, password: &str) -> (Value, Caller) {
    let body = try_login(books, login, password).await.ok();
    let caller = holder(&body);
    (body, caller)
}

pub fn holder(body: &Value) -> Caller {
    Caller::with_token(body["access_token"].as_str().expect("is a text"))
}

async fn refresh(books: &Books, body: &Value) -> Answer {
    books.world.post(&Caller::nobody(), "/auth/refresh", json!({"refresh_token": body["refresh_token"]})).await
}

async fn refresh_as(books: &Books, body: &Value, attempt: UserId) -> Answer {
    let said = json!({"refresh_token": body["refresh_token"], "attempt_id": attempt});
    books.world.post(&Caller::nobody(), "/auth/refresh", said).await
}

pub async fn delete(books: &Books, caller: &Caller, path: &str) -> Answer {
    books.world.send(caller, Method::DELETE, path, None, &[]).await
}

async fn devices(books: &Books, caller: &Caller) -> Vec<Value> {
    books.world.get(caller, "/auth/devices").await.ok()["items"].as_array().expect("is a list").clone()
}

async fn change_password(books: &Books, caller: &Caller, current: &str, new: &str) -> Answer {
    books.world.post(caller, "/auth/password", json!({"current": current, "new": new})).await
}

async fn acts_on(books: &Books, user_id: UserId) -> Vec<String> {
    sqlx::query_scalar("select action from admin_actions where on_id = $1 order by id")
        .bind(user_id)
        .fetch_all(&books.world.db.0)
        .await
        .expect("reads")
}

#[actix_web::test]
async fn after_five_wrong_passwords_a_login_rests_and_nobody_learns_whether_it_exists() {
    let books = Books::open().await;
    for login in ["staff", "ghost"] {
        for _ in 0..5 {
            try_login(&books, login, "wrong").await.problem(401, "bad_login");
        }
        let locked = try_login(&books, login, PASSWORD).await;
        locked.problem(423, "locked");
        let seconds: i64 =
            locked.headers.get(header::RETRY_AFTER).expect("is named").to_str().unwrap().parse().unwrap();
        assert!((890..=900).contains(&seconds), "{seconds}");
    }
    // Others are not concerned, and who is signed in stays so.
    try_login(&books, "manager", PASSWORD).await.ok();
    books.world.get(&books.staff, "/me").await.ok();
    sqlx::query("update sign_in_failures set locked_until = now() - interval '1 second'")
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    try_login(&books, "staff", PASSWORD).await.ok();
    // Being right counts: the five begin anew.
    for _ in 0..4 {
        try_login(&books, "staff", "wrong").await.problem(401, "bad_login");
    }
    try_login(&books, "staff", PASSWORD).await.ok();
    try_login(&books, "staff", "wrong").await.problem(401, "bad_login");
}

#[actix_web::test]
async fn wrong_passwords_that_lie_far_apart_lock_nothing() {
    let books = Books::open().await;
    for _ in 0..8 {
        try_login(&books, "staff", "wrong").await.problem(401, "bad_login");
        sqlx::query(
            "update sign_in_failures
                set failed_at = array(select t - interval '4 minutes' from unnest(failed_at) t order by t)",
        )
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    }
    try_login(&books, "staff", PASSWORD).await.ok();
}

#[actix_web::test]
async fn of_many_guesses_at_once_no_more_than_five_are_looked_at() {
    let books = Books::open().await;
    let answers = join_all((0..12).map(|_| try_login(&books, "staff", "wrong"))).await;
    let looked_at = answers.iter().filter(|answer| answer.status.as_u16() == 401).count();
    let locked = answers.iter().filter(|answer| answer.status.as_u16() == 423).count();
    assert_eq!((looked_at, locked), (5, 7));
}

#[actix_web::test]
async fn a_new_password_signs_out_the_other_devices_and_keeps_this_one() {
    let books = Books::open().await;
    let (other, _) = signed_in(&books, "staff", PASSWORD).await;
    let (body, caller) = signed_in(&books, "staff", PASSWORD).await;
    for (new, pointer) in [
        ("ninechars", "/new"),
        (PASSWORD, "/new"),
        ("staffstaff", "/new"),
        ("aaaaaaaaaaaa", "/new"),
        (&"x1".repeat(65), "/new"),
    ] {
        let problem = change_password(&books, &caller, PASSWORD, new).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{new}");
    }
    let problem = change_password(&books, &caller, "not the password", NEW).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/current");
    let after = change_password(&books, &caller, PASSWORD, NEW).await.ok();
    books.world.get(&holder(&after), "/me").await.ok();
    refresh(&books, &other).await.problem(401, "sign_in");
    refresh(&books, &after).await.ok();
    refresh(&books, &body).await.problem(401, "token_reused");
    try_login(&books, "staff", PASSWORD).await.problem(401, "bad_login");
    try_login(&books, "staff", NEW).await.ok();
    assert_eq!(acts_on(&books, books.staff.user_id).await, ["password_changed", "token_reused"]);
}

#[actix_web::test]
async fn guessing_at_the_current_password_is_counted_too() {
    let books = Books::open().await;
    let (_, caller) = signed_in(&books, "staff", PASSWORD).await;
    for _ in 0..5 {
        change_password(&books, &caller, "wrong", NEW).await.problem(422, "invalid");
    }
    change_password(&books, &caller, PASSWORD, NEW).await.problem(423, "locked");
    try_login(&books, "staff", PASSWORD).await.problem(423, "locked");
}

#[actix_web::test]
async fn a_given_password_opens_only_the_door_where_it_is_changed() {
    let books = Books::open().await;
    let path = format!("/users/{}/reset-password", books.staff.user_id);
    let (before, _) = signed_in(&books, "staff", PASSWORD).await;
    let given = books.world.post(&books.manager, &path, json!({})).await.ok();
    let given = given["one_time_password"].as_str().expect("is a text").to_owned();
    refresh(&books, &before).await.problem(401, "sign_in");
    try_login(&books, "staff", PASSWORD).await.problem(401, "bad_login");

    let (body, caller) = signed_in(&books, "staff", &given).await;
    assert_eq!(body["must_change_password"], true);
    let refreshed = refresh(&books, &body).await.ok();
    assert_eq!(refreshed["must_change_password"], true);
    for holder in [&caller, &holder(&refreshed)] {
        for path in ["/me", "/orders", "/rounds", "/auth/devices"] {
            books.world.get(holder, path).await.problem(403, "password_change_needed");
        }
        for (path, body) in [
            ("/ws-tickets", json!({})),
            ("/auth/sign-out-everywhere", json!({})),
            ("/auth/store", json!({"store_id": books.store})),
            ("/claims", json!({})),
        ] {
            books.world.post(holder, path, body).await.problem(403, "password_change_needed");
        }
    }
    let after = change_password(&books, &caller, &given, NEW).await.ok();
    assert_eq!(after["must_change_password"], false);
    books.world.get(&holder(&after), "/me").await.ok();
    let (again, _) = signed_in(&books, "staff", NEW).await;
    assert_eq!(again["must_change_password"], false);
}

#[actix_web::test]
async fn devices_are_listed_removed_and_all_signed_out() {
    let books = Books::open().await;
    let login = json!({"login": "staff", "password": PASSWORD}).to_string();
    let phone = [("user-agent", "店里的手机"), ("content-type", "application/json")];
    let answer =
        books.world.send(&Caller::nobody(), Method::POST, "/auth/login", Some(login.into()), &phone).await.ok();
    let (body, caller) = signed_in(&books, "staff", PASSWORD).await;
    let (foreign, _) = signed_in(&books, "manager", PASSWORD).await;
    let all = devices(&books, &caller).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all.iter().filter(|device| device["this"] == true).count(), 1);
    let other = all.iter().find(|device| device["this"] == false).expect("is there");

    let foreign_id: UserId = sqlx::query_scalar("select id from sign_ins where user_id = $1")
        .bind(books.manager.user_id)
        .fetch_one(&books.world.db.0)
        .await
        .expect("is there");
    delete(&books, &caller, &format!("/auth/devices/{foreign_id}")).await.problem(404, "not_found");
    refresh(&books, &foreign).await.ok();
    let path = format!("/auth/devices/{}", other["sign_in_id"].as_str().unwrap());
    assert!(delete(&books, &caller, &path).await.status.is_success());
    let caller = holder(&refresh(&books, &body).await.ok());
    delete(&books, &caller, &path).await.problem(404, "not_found");
    refresh(&books, &answer).await.problem(401, "sign_in");
    let ended: Vec<_> = devices(&books, &caller).await.iter().map(|device| device["ended_why"].clone()).collect();
    assert_eq!(ended, [json!(null), json!("removed")]);

    let (third, _) = signed_in(&books, "staff", PASSWORD).await;
    let gone = books.world.send(&caller, Method::POST, "/auth/sign-out-everywhere", None, &[]).await;
    assert!(gone.status.is_success(), "{}", gone.text);
    refresh(&books, &third).await.problem(401, "sign_in");
    assert_eq!(tokens_of(&books, books.staff.user_id).await, 0);
    let (_, caller) = signed_in(&books, "staff", PASSWORD).await;
    let good: Vec<_> = devices(&books, &caller).await.iter().map(|device| device["ended_at"].is_null()).collect();
    assert_eq!(good, [true, false, false, false]);
}

async fn tokens_of(books: &Books, user_id: UserId) -> i64 {
    sqlx::query_scalar("select count(*) from refresh_tokens where user_id = $1")
        .bind(user_id)
        .fetch_one(&books.world.db.0)
        .await
        .expect("reads")
}

#[actix_web::test]
async fn a_token_shown_twice_ends_its_device_and_no_other() {
    let books = Books::open().await;
    let (first, _) = signed_in(&books, "staff", PASSWORD).await;
    let (elsewhere, _) = signed_in(&books, "staff", PASSWORD).await;
    let second = refresh(&books, &first).await.ok();
    let third = refresh(&books, &second).await.ok();
    refresh(&books, &first).await.problem(401, "token_reused");
    refresh(&books, &third).await.problem(401, "sign_in");
    refresh(&books, &first).await.problem(401, "sign_in");
    let caller = holder(&refresh(&books, &elsewhere).await.ok());
    let ended: Vec<_> = devices(&books, &caller).await.iter().map(|device| device["ended_why"].clone()).collect();
    assert_eq!(ended, [json!(null), json!("token_reused")]);
    assert_eq!(acts_on(&books, books.staff.user_id).await, ["token_reused"]);
}

#[actix_web::test]
async fn a_trade_whose_answer_was_lost_is_answered_again_to_the_same_attempt() {
    let books = Books::open().await;
    let (first, _) = signed_in(&books, "staff", PASSWORD).await;
    let attempt = UserId::new();
    let second = refresh_as(&books, &first, attempt).await.ok();
    let again = refresh_as(&books, &first, attempt).await.ok();
    assert_eq!(second["refresh_token"], again["refresh_token"]);
    let third = refresh(&books, &again).await.ok();
    // Once the successor was used, the owner has it: whoever asks now is somebody else.
    refresh_as(&books, &first, attempt).await.problem(401, "token_reused");
    refresh(&books, &third).await.problem(401, "sign_in");

    let (first, _) = signed_in(&books, "staff", PASSWORD).await;
    refresh_as(&books, &first, attempt).await.ok();
    refresh_as(&books, &first, UserId::new()).await.problem(401, "token_reused");
}

#[actix_web::test]
async fn of_two_trades_of_one_token_at_once_one_counts_as_theft() {
    let books = Books::open().await;
    for _ in 0..10 {
        let (first, _) = signed_in(&books, "staff", PASSWORD).await;
        let answers = join_all((0..2).map(|_| refresh(&books, &first))).await;
        let mut codes: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        codes.sort_unstable();
        assert_eq!(codes, [200, 401]);
        let won = answers.iter().find(|answer| answer.status.is_success()).expect("one").json();
        refresh(&books, &won).await.problem(401, "sign_in");
        assert_eq!(tokens_of(&books, books.staff.user_id).await, 0);
    }
}

#[actix_web::test]
async fn of_two_trades_of_one_attempt_at_once_both_get_the_same() {
    let books = Books::open().await;
    let (mut body, _) = signed_in(&books, "staff", PASSWORD).await;
    for _ in 0..10 {
        let attempt = UserId::new();
        let answers = join_all((0..2).map(|_| refresh_as(&books, &body, attempt))).await;
        assert_eq!(answers[0].ok()["refresh_token"], answers[1].ok()["refresh_token"]);
        body = answers[0].json();
    }
}

#[actix_web::test]
async fn nobody_stays_signed_in_by_refreshing_while_everything_is_signed_out() {
    let books = Books::open().await;
    for _ in 0..10 {
        let (body, caller) = signed_in(&books, "staff", PASSWORD).await;
        let out = books.world.send(&caller, Method::POST, "/auth/sign-out-everywhere", None, &[]);
        let (refreshed, out) = futures_util::future::join(refresh(&books, &body), out).await;
        assert!(out.status.is_success(), "{}", out.text);
        if refreshed.status.is_success() {
            refresh(&books, &refreshed.json()).await.problem(401, "sign_in");
        }
        assert_eq!(tokens_of(&books, books.staff.user_id).await, 0);
    }
}

#[actix_web::test]
async fn who_has_several_stores_acts_for_one_of_them_at_a_time() {
    let books = Books::open().await;
    let (world, staff) = (&books.world, books.staff.user_id);
    let path = format!("/users/{staff}");
    let both = json!({"stores": [books.store, books.other_store], "reason": "代班"});
    world.patch(&books.admin, &path, both).await.ok();

    let (body, _) = signed_in(&books, "staff", PASSWORD).await;
    assert_eq!(
        (&body["user"]["store"]["code"], body["user"]["stores"].as_array().map(Vec::len)),
        (&json!("S001"), Some(2))
    );
    let said = json!({"login": "staff", "password": PASSWORD, "store_id": books.other_store});
    let chosen = world.post(&Caller::nobody(), "/auth/login", said).await.ok();
    assert_eq!(chosen["user"]["store"]["code"], "S002");

    let own = books.order().await;
    let caller = holder(&body);
    world.get(&caller, &format!("/orders/{}", own.id)).await.ok();
    let to = |token: &Value| json!({"store_id": books.other_store, "refresh_token": token});
    world.post(&caller, "/auth/store", to(&json!("x"))).await.problem(401, "sign_in");
    world.post(&caller, "/auth/store", to(&chosen["refresh_token"])).await.problem(401, "sign_in");
    let switched = world.post(&caller, "/auth/store", to(&body["refresh_token"])).await.ok();
    assert_eq!(switched["user"]["store"]["code"], "S002");
    world.get(&holder(&switched), &format!("/orders/{}", own.id)).await.problem(404, "not_found");
    assert_eq!(world.get(&holder(&switched), "/me").await.ok()["store"]["code"], "S002");
    // The device remembers; the token from before counts as traded.
    let refreshed = refresh(&books, &switched).await.ok();
    assert_eq!(refreshed["user"]["store"]["code"], "S002");

    let only = json!({"stores": [books.store], "reason": "代班结束"});
    world.patch(&books.admin, &path, only).await.ok();
    let refreshed = refresh(&books, &refreshed).await.ok();
    assert_eq!(refreshed["user"]["store"]["code"], "S001");
    let other = to(&refreshed["refresh_token"]);
    world.post(&holder(&refreshed), "/auth/store", other).await.problem(404, "not_found");
    let said = json!({"login": "staff", "password": PASSWORD, "store_id": books.other_store});
    let problem = world.post(&Caller::nobody(), "/auth/login", said).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/store_id");
    refresh(&books, &body).await.problem(401, "token_reused");
}

#[actix_web::test]
async fn a_token_of_one_device_is_not_another_ones() {
    let books = Books::open().await;
    // A caller of the fixture has a token without a device: it cannot switch stores, and lists no device as its own.
    let other = json!({"store_id": books.store, "refresh_token": "x"});
    books.world.post(&books.staff, "/auth/store", other).await.problem(401, "sign_in");
    assert!(devices(&books, &books.staff).await.is_empty());
}

#[actix_web::test]
async fn devices_that_nobody_uses_any_more_are_forgotten_and_no_other() {
    let books = Books::open().await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        signed_in(&books, "staff", PASSWORD).await;
    }
    let all: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from sign_ins order by id").fetch_all(&books.world.db.0).await.expect("reads");
    ids.extend_from_slice(&all[all.len() - 4..]);
    // Long unused and expired; long ended; long unused with a token that is good; used today.
    for sql in [
        "update sign_ins set last_seen_at = now() - interval '50 days' where id = $1",
        "update sign_ins set last_seen_at = now() - interval '50 days', ended_at = now() - interval '45 days',
                ended_why = 'removed' where id = $2",
        "update sign_ins set last_seen_at = now() - interval '50 days' where id = $3",
        "update refresh_tokens set expires_at = now() - interval '1 day' where sign_in_id in ($1, $2)",
    ] {
        let sql = sql.replace("$1", &format!("'{}'", ids[0]));
        let sql = sql.replace("$2", &format!("'{}'", ids[1])).replace("$3", &format!("'{}'", ids[2]));
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&books.world.db.0).await.expect("is set");
    }
    let before = graborder::domain::clock::now() - chrono::Duration::days(44);
    let mut db = books.world.db.0.acquire().await.expect("connects");
    let mut forgotten = 0;
    for _ in 0..3 {
        forgotten += graborder::storage::sign_ins::forget(&mut db, before, 1).await.expect("forgets");
    }
    assert_eq!(forgotten, 2);
    let left: Vec<uuid::Uuid> = sqlx::query_scalar("select id from sign_ins where id = any($1)")
        .bind(&ids)
        .fetch_all(&mut *db)
        .await
        .expect("reads");
    assert_eq!(left.len(), 2);
    assert!(left.contains(&ids[2]) && left.contains(&ids[3]), "{left:?}");
}
