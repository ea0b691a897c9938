//! Signing in by WeChat and WeCom, binding and unbinding, and what becomes of it when those houses misbehave.

use super::{
    accounts::{holder, signed_in, try_login},
    books::{Books, PASSWORD},
    double::Double,
    world::{Answer, Caller, World},
};
use actix_web::http::{Method, header};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Instant;

pub async fn open() -> (Books, Double) {
    let double = Double::start();
    let books = Books::open_in(World::with(|hot| double.channels(hot)).await).await;
    (books, double)
}

async fn knock(books: &Books, way: &str, code: &str) -> Answer {
    books.world.post(&Caller::nobody(), &format!("/auth/{way}"), json!({"code": code})).await
}

pub async fn bind(books: &Books, caller: &Caller, way: &str, code: &str) -> Answer {
    let (holder, refresh_token) = with_device(books, caller).await;
    books.world.put(&holder, &format!("/auth/{way}"), json!({"code": code, "refresh_token": refresh_token})).await
}

/// The same person on a device: binding wants its refresh token.
async fn with_device(books: &Books, caller: &Caller) -> (Caller, Value) {
    let login: Option<String> = sqlx::query_scalar("select login from users where id = $1")
        .bind(caller.user_id)
        .fetch_optional(&books.world.db.0)
        .await
        .expect("reads");
    let Some(login) = login else { return (caller.clone(), json!("none")) };
    let (body, mut holder) = signed_in(books, &login, PASSWORD).await;
    holder.user_id = caller.user_id;
    (holder, body["refresh_token"].clone())
}

/// A fresh code of this person: each is good once.
pub fn me(subject: &str) -> String {
    // What stands after the subject is part of it for nobody: codes differ, people do not.
    format!("busy:0:{subject}")
}

#[track_caller]
/// Nobody applies effects here: what signs devices out is told as 202.
fn done(answer: &Answer) {
    assert!(
        [202, 204].contains(&answer.status.as_u16()) && answer.text.is_empty(),
        "{} {}",
        answer.status,
        answer.text
    );
}

async fn acts_on(books: &Books, caller: &Caller) -> Vec<String> {
    sqlx::query_scalar(
        "select action || ' ' || coalesce(after ->> 'provider', '') from admin_actions where on_id = $1 order by id",
    )
    .bind(caller.user_id)
    .fetch_all(&books.world.db.0)
    .await
    .expect("reads")
}

async fn run(books: &Books, sql: &'static str) {
    sqlx::query(sql).execute(&books.world.db.0).await.expect("runs");
}

#[actix_web::test]
async fn whoever_is_bound_signs_in_by_wechat_or_wecom_as_by_password() {
    let (books, double) = open().await;
    let by_password = try_login(&books, "staff", PASSWORD).await.ok();
    for way in ["wechat", "wecom"] {
        let said = json!({"code": me("li")}).to_string();
        let phone = [("user-agent", "the phone of the shop"), ("content-type", "application/json")];
        let path = format!("/auth/{way}");
        let nobody = Caller::nobody();
        knock(&books, way, &me("li")).await.problem(401, &format!("{way}_unbound"));
        done(&bind(&books, &books.staff, way, &me("li")).await);
        done(&bind(&books, &books.staff, way, &me("li")).await);

        let body = books.world.send(&nobody, Method::POST, &path, Some(said.into()), &phone).await.ok();
        assert_eq!(body["user"], by_password["user"]);
        let keys = |body: &Value| body.as_object().expect("is an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&body), keys(&by_password));
        let caller = holder(&body);
        assert_eq!(books.world.get(&caller, "/me").await.ok()["bound"], json!([way]));
        let devices = books.world.get(&caller, "/auth/devices").await.ok();
        let this = devices["items"].as_array().expect("is a list").iter().find(|one| one["this"] == true);
        assert_eq!(this.expect("is there")["label"], "the phone of the shop");
        books.world.post(&nobody, "/auth/refresh", json!({"refresh_token": body["refresh_token"]})).await.ok();

        done(&books.world.delete(&caller, &path).await);
        // Whoever came in that way, on whichever device, is signed out; this one renews its token.
        books.world.get(&caller, "/me").await.problem(401, "sign_in");
        let (_, again) = signed_in(&books, "staff", PASSWORD).await;
        books.world.delete(&again, &path).await.problem(404, "not_found");
        knock(&books, way, &me("li")).await.problem(401, &format!("{way}_unbound"));
    }
    let acts = ["identity_bound wechat", "identity_unbound wechat", "identity_bound wecom", "identity_unbound wecom"];
    assert_eq!(acts_on(&books, &books.staff).await, acts);
    double.end().await;
}

#[actix_web::test]
async fn one_person_there_is_one_account_here_both_ways() {
    let (books, double) = open().await;
    for way in ["wechat", "wecom"] {
        let taken = format!("{way}_taken");
        done(&bind(&books, &books.staff, way, &me("li")).await);
        bind(&books, &books.manager, way, &me("li")).await.problem(409, &taken);
        bind(&books, &books.staff, way, &me("wang")).await.problem(409, &taken);
        // Three want the same at once: one has it.
        let callers = [&books.manager, &books.clerk, &books.finance];
        let answers = join_all(callers.map(|caller| bind(&books, caller, way, "busy:0:zhao"))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409, 409]);
    }
    // A code is good once, and nobody else's second.
    done(&bind(&books, &books.supervisor, "wechat", "me:qian").await);
    knock(&books, "wechat", "me:qian").await.problem(401, "wechat_code_invalid");
    double.end().await;
}

#[actix_web::test]
async fn who_may_not_come_in_by_password_may_not_by_wechat() {
    let (books, double) = open().await;
    done(&bind(&books, &books.staff, "wechat", &me("li")).await);
    run(&books, "update users set status = 'pending' where login = 'staff'").await;
    knock(&books, "wechat", &me("li")).await.problem(403, "pending");
    run(&books, "update users set status = 'disabled' where login = 'staff'").await;
    knock(&books, "wechat", &me("li")).await.problem(401, "bad_login");
    run(&books, "update users set status = 'active' where login = 'staff'").await;

    let for_store = async |store| {
        books.world.post(&Caller::nobody(), "/auth/wechat", json!({"code": me("li"), "store_id": store})).await
    };
    let problem = for_store(books.other_store).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/store_id");
    run(
        &books,
        "insert into user_stores select u.id, s.id from users u, stores s where login = 'staff' and s.code = 'S002'",
    )
    .await;
    assert_eq!(for_store(books.other_store).await.ok()["user"]["store"]["code"], "S002");
    assert_eq!(knock(&books, "wechat", &me("li")).await.ok()["user"]["store"]["code"], "S001");

    run(&books, "update users set must_change_password = true where login = 'staff'").await;
    let body = knock(&books, "wechat", &me("li")).await.ok();
    assert_eq!(body["must_change_password"], true);
    books.world.get(&holder(&body), "/me").await.problem(403, "password_change_needed");
    bind(&books, &holder(&body), "wecom", &me("li")).await.problem(403, "password_change_needed");

    // Whoever loses the password loses every other way in with it.
    let path = format!("/users/{}/reset-password", books.staff.user_id);
    books.world.post(&books.admin, &path, json!({})).await.ok();
    knock(&books, "wechat", &me("li")).await.problem(401, "wechat_unbound");
    double.end().await;
}

#[actix_web::test]
async fn a_newcomer_is_bound_at_once_or_does_not_come_in() {
    let (books, double) = open().await;
    let invite = books.world.post(&books.manager, "/invites", json!({"role": "store_staff"})).await.ok();
    let register = async |login: &str, code: &str| {
        let body = json!({"code": invite["code"], "login": login, "name": "王丽", "password": "long enough words", "wechat_code": code});
        books.world.post(&Caller::nobody(), "/auth/register", body).await
    };
    done(&bind(&books, &books.manager, "wechat", &me("manager")).await);
    let before = books.digest().await;
    register("wang.li", &me("manager")).await.problem(409, "wechat_taken");
    register("wang.li", "err:40029").await.problem(401, "wechat_code_invalid");
    register("wang.li", "garbage").await.problem(503, "channel_away");
    assert_eq!(books.digest().await, before, "the invite is still good, and nobody came in");
    assert_eq!(register("wang.li", &me("wang")).await.status.as_u16(), 201);
    let body = knock(&books, "wechat", &me("wang")).await.ok();
    assert_eq!(body["user"]["login"], "wang.li");
    double.end().await;
}

#[actix_web::test]
async fn whatever_those_houses_answer_it_is_said_what_to_do() {
    let (books, double) = open().await;
    let (on_device, refresh_token) = with_device(&books, &books.staff).await;
    let before = books.digest().await;
    for way in ["wechat", "wecom"] {
        let invalid = format!("{way}_code_invalid");
        let away = "channel_away";
        let unbound = format!("{way}_unbound");
        for (code, status, kind) in [
            ("err:40029", 401, invalid.as_str()),
            ("err:40163", 401, &invalid),
            ("never given", 401, &invalid),
            ("err:40226", 403, "wechat_user_blocked"),
            ("err:45011", 429, "too_fast"),
            ("err:45009", 429, "too_fast"),
            ("err:40125", 503, away),
            ("busy:2:li", 401, &unbound),
            ("busy:99:li", 503, away),
            ("slow", 503, away),
            ("garbage", 503, away),
            ("long", 503, away),
            ("odd", 503, away),
            ("down", 503, away),
        ] {
            for method in [Method::POST, Method::PUT] {
                let begun = Instant::now();
                let path = format!("/auth/{way}");
                // Whoever binds is told the same, but that nobody is bound.
                if method == Method::PUT && kind == unbound {
                    continue;
                }
                let (caller, said) = if method == Method::PUT {
                    (&on_device, json!({"code": code, "refresh_token": refresh_token}))
                } else {
                    (&books.staff, json!({"code": code}))
                };
                let answer = books.world.send(caller, method, &path, Some(said.to_string().into()), &[]).await;
                answer.problem(status, kind);
                assert!(!answer.text.contains("rid"), "their words are not passed on: {}", answer.text);
                assert!(begun.elapsed().as_secs() < 10, "{code}: {:?}", begun.elapsed());
                let waits = answer.headers.get(header::RETRY_AFTER).map(|value| value.to_str().expect("is text"));
                assert_eq!(
                    waits,
                    [(429, "60"), (503, "2")].iter().find(|(s, _)| *s == status).map(|(_, wait)| *wait),
                    "{code}"
                );
            }
        }
    }
    // Nobody is named by an answer without a name.
    knock(&books, "wechat", "silent").await.problem(503, "channel_away");
    knock(&books, "wecom", "silent").await.problem(401, "wecom_unbound");
    assert_eq!(books.digest().await, before);
    double.end().await;
    knock(&books, "wechat", &me("li")).await.problem(503, "channel_away");
    // And by password everything goes on.
    try_login(&books, "staff", PASSWORD).await.ok();
}

#[actix_web::test]
async fn a_house_that_has_gone_silent_holds_only_so_many_callers() {
    let (books, double) = open().await;
    let answers = join_all((0..70).map(|_| knock(&books, "wechat", "slow"))).await;
    let refused = answers.iter().filter(|answer| answer.json()["code"] == "overloaded").count();
    assert!(answers.iter().all(|answer| answer.status.as_u16() == 503));
    assert_eq!(refused, 6);
    knock(&books, "wechat", &me("li")).await.problem(401, "wechat_unbound");
    double.end().await;
}

#[actix_web::test]
async fn members_of_the_corporation_come_in_and_guests_do_not() {
    let (books, double) = open().await;
    done(&bind(&books, &books.staff, "wecom", &me("ZhangSan")).await);
    // WeCom makes no difference between cases.
    knock(&books, "wecom", &me("zhangsan")).await.ok();
    knock(&books, "wecom", &me("guest-zhangsan")).await.problem(401, "wecom_unbound");
    bind(&books, &books.manager, "wecom", &me("guest-li")).await.problem(401, "wecom_unbound");
    double.end().await;
}

#[actix_web::test]
async fn an_access_token_is_fetched_once_and_again_when_it_is_spoilt() {
    let (books, double) = open().await;
    double.play().token_delay_ms = 150;
    done(&bind(&books, &books.staff, "wecom", &me("li")).await);
    assert_eq!(double.play().tokens_given, 1);
    double.spoil_tokens();
    let answers = join_all((0..8).map(|_| knock(&books, "wecom", "busy:0:li"))).await;
    answers.iter().for_each(|answer| assert_eq!(answer.status.as_u16(), 200, "{}", answer.text));
    assert_eq!(double.play().tokens_given, 2, "one fetched it, and the others waited");
    double.play().token_errcode = 40001;
    double.spoil_tokens();
    knock(&books, "wecom", &me("li")).await.problem(503, "channel_away");
    double.play().token_errcode = 0;
    knock(&books, "wecom", &me("li")).await.ok();
    double.end().await;
}

#[actix_web::test]
async fn what_is_switched_off_is_said_to_be_off() {
    let books = Books::open().await;
    let ways = books.world.get(&Caller::nobody(), "/auth/ways").await.ok();
    assert_eq!(ways, json!({"password": true}));
    for way in ["wechat", "wecom"] {
        knock(&books, way, "x").await.problem(404, "not_configured");
        bind(&books, &books.staff, way, "x").await.problem(404, "not_configured");
        books.world.delete(&books.staff, &format!("/auth/{way}")).await.problem(404, "not_found");
    }
    assert_eq!(books.world.get(&books.staff, "/me").await.ok()["bound"], json!([]));

    let (books, double) = open().await;
    let ways = books.world.get(&Caller::nobody(), "/auth/ways").await.ok();
    let wecom = json!({"corp_id": "ww1", "agent_id": "1000002"});
    assert_eq!(ways, json!({"password": true, "wechat": {"app_id": "wx1"}, "wecom": wecom}));
    double.end().await;
}
