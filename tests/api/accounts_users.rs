//! Letting people in, sending them away, and the log of it.

use super::{
    accounts::{delete, signed_in, try_login},
    books::{Books, PASSWORD},
    world::{Answer, Caller},
};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

const NEW: &str = "a password of my own";

async fn invite(books: &Books, by: &Caller, said: Value) -> String {
    let made = books.world.post(by, "/invites", said).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    made.json()["code"].as_str().expect("is a text").to_owned()
}

async fn register(books: &Books, code: &str, login: &str) -> Answer {
    let said = json!({"code": code, "login": login, "name": "王丽", "password": NEW});
    books.world.post(&Caller::nobody(), "/auth/register", said).await
}

async fn do_to(books: &Books, by: &Caller, user_id: impl std::fmt::Display, verb: &str) -> Answer {
    books.world.post(by, &format!("/users/{user_id}/{verb}"), json!({"reason": "试一试"})).await
}

#[actix_web::test]
async fn an_invite_lets_one_person_in_as_what_it_says() {
    let books = Books::open().await;
    let code = invite(&books, &books.manager, json!({"role": "store_staff"})).await;
    // However it is typed.
    let made = register(&books, &code.to_lowercase().replace('-', " "), "wang.li").await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    let user = made.json();
    assert_eq!((&user["role"], &user["status"]), (&json!("store_staff"), &json!("active")));
    assert_eq!(user["stores"][0]["code"], "S001");
    let (body, _) = signed_in(&books, "wang.li", NEW).await;
    assert_eq!(body["user"]["store"]["code"], "S001");
    register(&books, &code, "wang.li2").await.problem(422, "bad_invite");

    let list = books.world.get(&books.manager, "/invites").await.ok();
    assert_eq!((&list["items"][0]["state"], &list["items"][0]["used_by_name"]), (&json!("used"), &json!("王丽")));
    assert!(list.to_string().find(&code).is_none(), "the code is shown once");
    let others = books.world.get(&books.other_manager, "/invites").await.ok();
    assert_eq!(others["items"], json!([]));
}

#[actix_web::test]
async fn a_manager_invites_staff_of_the_own_store_and_an_admin_anybody() {
    let books = Books::open().await;
    let ask = async |by: &Caller, said: Value| books.world.post(by, "/invites", said).await;
    for said in [
        json!({"role": "store_manager"}),
        json!({"role": "supervisor"}),
        json!({"role": "admin"}),
        json!({"role": "store_staff", "store_id": books.other_store}),
    ] {
        ask(&books.manager, said).await.problem(403, "not_allowed");
    }
    for said in [
        json!({"role": "store_staff"}),
        json!({"role": "finance", "store_id": books.store}),
        json!({"role": "store_staff", "store_id": books.admin.user_id}),
        json!({"role": "finance", "expires_in_hours": 721}),
        json!({"role": "owner"}),
    ] {
        ask(&books.admin, said).await.problem(422, "invalid");
    }
    for (role, store) in [("store_manager", Some(books.other_store)), ("supervisor", None), ("admin", None)] {
        let code = invite(&books, &books.admin, json!({"role": role, "store_id": store})).await;
        let user = register(&books, &code, &format!("new-{}", role.replace('_', "-"))).await.ok();
        assert_eq!(user["role"], role);
    }
}

#[actix_web::test]
async fn an_invite_that_ran_out_was_revoked_or_lost_its_sender_lets_nobody_in() {
    let books = Books::open().await;
    let before = books.digest().await;
    for code in ["", "7KQF-93WD-H2XA", "'; drop table users--"] {
        let answer = register(&books, code, "somebody").await;
        assert_eq!(answer.status.as_u16(), 422, "{code}");
    }
    assert_eq!(books.digest().await, before);

    let staff = json!({"role": "store_staff"});
    let late = invite(&books, &books.manager, staff.clone()).await;
    sqlx::query("update invites set expires_at = now()").execute(&books.world.db.0).await.expect("runs");
    register(&books, &late, "somebody").await.problem(422, "bad_invite");

    let revoked = invite(&books, &books.manager, staff.clone()).await;
    let newest = books.world.get(&books.manager, "/invites").await.ok()["items"][0].clone();
    assert_eq!(newest["state"], "open");
    let path = format!("/invites/{}", newest["invite_id"].as_str().unwrap());
    delete(&books, &books.other_manager, &path).await.problem(404, "not_found");
    for _ in 0..2 {
        assert_eq!(delete(&books, &books.manager, &path).await.status.as_u16(), 204);
    }
    register(&books, &revoked, "somebody").await.problem(422, "bad_invite");

    let orphan = invite(&books, &books.manager, staff).await;
    do_to(&books, &books.admin, books.manager.user_id, "disable").await.ok();
    register(&books, &orphan, "somebody").await.problem(422, "bad_invite");
}

#[actix_web::test]
async fn of_two_who_register_with_one_code_at_once_one_gets_in() {
    let books = Books::open().await;
    for round in 0..5 {
        let code = invite(&books, &books.manager, json!({"role": "store_staff"})).await;
        let logins = [format!("first-{round}"), format!("second-{round}")];
        let answers = join_all(logins.iter().map(|login| register(&books, &code, login))).await;
        let mut codes: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        codes.sort_unstable();
        assert_eq!(codes, [201, 422]);
    }
    let users: i64 = sqlx::query_scalar("select count(*) from users where name = '王丽'")
        .fetch_one(&books.world.db.0)
        .await
        .expect("reads");
    assert_eq!(users, 5);
}

#[actix_web::test]
async fn a_login_belongs_to_one_person_and_a_password_is_long() {
    let books = Books::open().await;
    let code = invite(&books, &books.manager, json!({"role": "store_staff"})).await;
    register(&books, &code, "staff").await.problem(409, "login_taken");
    for (login, password, pointer) in [
        ("Wang", NEW, "/login"),
        ("王丽丽", NEW, "/login"),
        ("ab", NEW, "/login"),
        ("wang.li", "short", "/password"),
        ("wang.li", "wang.liwang.li", "/password"),
    ] {
        let said = json!({"code": code, "login": login, "name": "王丽", "password": password});
        let problem = books.world.post(&Caller::nobody(), "/auth/register", said).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{login} {password}");
    }
    register(&books, &code, "wang.li").await.ok();
}

#[actix_web::test]
async fn who_needs_approval_waits_for_it() {
    let books = Books::open().await;
    let said = json!({"role": "store_staff", "needs_approval": true});
    let code = invite(&books, &books.manager, said).await;
    let user = register(&books, &code, "wang.li").await.ok();
    assert_eq!(user["status"], "pending");
    let user_id = user["user_id"].as_str().expect("is a text");
    // Only who knows the password learns that somebody waits.
    try_login(&books, "wang.li", "another password").await.problem(401, "bad_login");
    try_login(&books, "wang.li", NEW).await.problem(403, "pending");
    do_to(&books, &books.manager, user_id, "enable").await.problem(409, "wrong_state");
    do_to(&books, &books.manager, user_id, "reset-password").await.problem(409, "wrong_state");
    let waiting = books.world.get(&books.manager, "/users?status=pending").await.ok();
    assert_eq!(waiting["items"][0]["login"], "wang.li");
    for _ in 0..2 {
        assert_eq!(do_to(&books, &books.manager, user_id, "approve").await.ok()["status"], "active");
    }
    signed_in(&books, "wang.li", NEW).await;
    do_to(&books, &books.manager, user_id, "disable").await.ok();
    do_to(&books, &books.manager, user_id, "approve").await.problem(409, "wrong_state");
}

#[actix_web::test]
async fn who_is_disabled_is_out_at_once_and_in_again_when_enabled() {
    let books = Books::open().await;
    let (body, _) = signed_in(&books, "staff", PASSWORD).await;
    let staff = books.staff.user_id;
    assert_eq!(do_to(&books, &books.manager, staff, "disable").await.ok()["status"], "disabled");
    try_login(&books, "staff", PASSWORD).await.problem(401, "bad_login");
    let token = json!({"refresh_token": body["refresh_token"]});
    books.world.post(&Caller::nobody(), "/auth/refresh", token).await.problem(401, "sign_in");
    let left: i64 = sqlx::query_scalar("select count(*) from refresh_tokens where user_id = $1")
        .bind(staff)
        .fetch_one(&books.world.db.0)
        .await
        .expect("reads");
    assert_eq!(left, 0);
    assert_eq!(do_to(&books, &books.admin, staff, "enable").await.ok()["status"], "active");
    signed_in(&books, "staff", PASSWORD).await;
}

#[actix_web::test]
async fn nobody_signs_in_past_a_disabling_that_runs_at_the_same_time() {
    let books = Books::open().await;
    for _ in 0..5 {
        let disabling = do_to(&books, &books.admin, books.staff.user_id, "disable");
        let (login, done) = join(try_login(&books, "staff", PASSWORD), disabling).await;
        done.ok();
        if login.status.is_success() {
            let token = json!({"refresh_token": login.json()["refresh_token"]});
            books.world.post(&Caller::nobody(), "/auth/refresh", token).await.problem(401, "sign_in");
        }
        do_to(&books, &books.admin, books.staff.user_id, "enable").await.ok();
    }
}

#[actix_web::test]
async fn a_manager_looks_after_the_staff_of_the_own_store_and_nobody_else() {
    let books = Books::open().await;
    for verb in ["approve", "disable", "enable", "reset-password"] {
        do_to(&books, &books.other_manager, books.staff.user_id, verb).await.problem(404, "not_found");
        do_to(&books, &books.manager, books.admin.user_id, verb).await.problem(404, "not_found");
        do_to(&books, &books.manager, books.manager.user_id, verb).await.problem(403, "not_allowed");
    }
    // A password for somebody who works elsewhere too would open the other store as well.
    let both = json!({"stores": [books.store, books.other_store], "reason": "代班"});
    books.world.patch(&books.admin, &format!("/users/{}", books.staff.user_id), both).await.ok();
    do_to(&books, &books.manager, books.staff.user_id, "reset-password").await.problem(403, "not_allowed");

    let logins = async |by: &Caller| -> Vec<String> {
        let list = books.world.get(by, "/users").await.ok();
        list["items"].as_array().unwrap().iter().map(|user| user["login"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(logins(&books.manager).await, ["manager", "staff"]);
    assert_eq!(logins(&books.other_manager).await, ["other-manager", "staff"]);
    assert_eq!(logins(&books.admin).await.len(), 7);
}

#[actix_web::test]
async fn what_somebody_is_must_fit_together() {
    let books = Books::open().await;
    let before = books.digest().await;
    let path = format!("/users/{}", books.staff.user_id);
    for (edit, pointer) in [
        (json!({"stores": []}), "/stores"),
        (json!({"role": "supervisor", "stores": [books.store]}), "/stores"),
        (json!({"regions": ["华东"]}), "/regions"),
        (json!({"role": "supervisor", "regions": ["月球"]}), "/regions"),
        (json!({"stores": [books.admin.user_id]}), "/stores"),
    ] {
        let mut said = edit.clone();
        said["reason"] = json!("x");
        let problem = books.world.patch(&books.admin, &path, said).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{edit}");
    }
    let problem = books.world.patch(&books.admin, &path, json!({"name": "x"})).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/reason");
    assert_eq!(books.digest().await, before);

    let said = json!({"role": "supervisor", "regions": ["华东"], "name": "李雷", "reason": "升职"});
    let user = books.world.patch(&books.admin, &path, said).await.ok();
    assert_eq!(
        (&user["role"], &user["stores"], &user["regions"]),
        (&json!("supervisor"), &json!([]), &json!(["华东"]))
    );
    let back = json!({"role": "store_staff", "stores": [books.store], "reason": "调回"});
    let user = books.world.patch(&books.admin, &path, back).await.ok();
    assert_eq!((&user["stores"][0]["code"], &user["regions"]), (&json!("S001"), &json!([])));
}

#[actix_web::test]
async fn there_is_always_somebody_who_can_let_others_in() {
    let books = Books::open().await;
    let admin = books.admin.user_id;
    do_to(&books, &books.admin, admin, "disable").await.problem(409, "wrong_state");
    let demoted = json!({"role": "finance", "reason": "x"});
    books.world.patch(&books.admin, &format!("/users/{admin}"), demoted.clone()).await.problem(409, "wrong_state");

    // Two who send each other away at the same time.
    for _ in 0..5 {
        let boss = signed_in(&books, "admin", PASSWORD).await.1;
        let finance = books.finance.user_id;
        let promoted = json!({"role": "admin", "reason": "x"});
        books.world.patch(&boss, &format!("/users/{finance}"), promoted).await.ok();
        let answers = join(do_to(&books, &boss, finance, "disable"), do_to(&books, &boss, admin, "disable")).await;
        let mut codes = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        codes.sort_unstable();
        assert_eq!(codes, [200, 409]);
        sqlx::query("update users set status = 'active' where role = 'admin'")
            .execute(&books.world.db.0)
            .await
            .expect("runs");
    }
}

#[actix_web::test]
async fn every_act_is_written_down_with_who_what_and_why_and_stays() {
    let books = Books::open().await;
    let (admin, staff) = (&books.admin, books.staff.user_id);
    books.world.patch(admin, &format!("/users/{staff}"), json!({"name": "李雷", "reason": "改名"})).await.ok();
    do_to(&books, &books.manager, staff, "disable").await.ok();
    let code = invite(&books, &books.manager, json!({"role": "store_staff"})).await;
    register(&books, &code, "wang.li").await.ok();

    let log = books.world.get(admin, &format!("/admin-actions?on_id={staff}")).await.ok();
    let acts: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| (act["action"].as_str().unwrap(), act["by_name"].as_str().unwrap(), act["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(acts, [("disabled", "manager", "试一试"), ("edited", "admin", "改名")]);
    assert_eq!(
        (&log["items"][1]["before"]["name"], &log["items"][1]["after"]["name"]),
        (&json!("staff"), &json!("李雷"))
    );
    let all = books.world.get(admin, "/admin-actions?limit=2").await.ok();
    let names: Vec<_> = all["items"].as_array().unwrap().iter().map(|act| act["action"].clone()).collect();
    assert_eq!(names, ["registered", "invite_made"]);
    let rest =
        books.world.get(admin, &format!("/admin-actions?cursor={}", all["next_cursor"].as_str().unwrap())).await.ok();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(2));

    for sql in ["update admin_actions set reason = ''", "delete from admin_actions", "truncate admin_actions"] {
        let refused = sqlx::query(sql).execute(&books.world.db.0).await.expect_err("is append-only");
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    // Nothing secret is written down.
    let text: String = sqlx::query_scalar("select string_agg(a::text, ' ') from admin_actions a")
        .fetch_one(&books.world.db.0)
        .await
        .expect("reads");
    assert!(!text.contains(&code) && !text.contains(NEW) && !text.contains("argon2"));
}
