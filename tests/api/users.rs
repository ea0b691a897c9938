//! Signing somebody else out.

use super::{
    books::{Books, PASSWORD},
    world::Caller,
};
use graborder::domain::ids::UserId;
use serde_json::{Value, json};
use std::time::Instant;

async fn signed_in(books: &Books) -> Value {
    books.world.post(&Caller::nobody(), "/auth/login", json!({"login": "staff", "password": PASSWORD})).await.ok()
}

fn with(body: &Value) -> Caller {
    Caller::with_token(body["access_token"].as_str().expect("is a text"))
}

#[actix_web::test]
async fn whoever_is_signed_out_has_no_token_any_more_and_may_sign_in_again() {
    let books = Books::open().await;
    let world = &books.world;
    let before = signed_in(&books).await;
    world.get(&with(&before), "/me").await.ok();
    let path = format!("/users/{}/sign-out", books.staff.user_id);
    let begun = Instant::now();
    // Nobody applies effects here: the change stands in the books, and the answer does not pretend more.
    let answer = world.post(&books.admin, &path, json!({"reason": "手机丢了"})).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());

    for caller in [&with(&before), &books.staff] {
        world.get(caller, "/me").await.problem(401, "sign_in");
        world.post(caller, "/ws-tickets", json!({})).await.problem(401, "sign_in");
    }
    let refresh = json!({"refresh_token": before["refresh_token"]});
    world.post(&Caller::nobody(), "/auth/refresh", refresh).await.problem(401, "sign_in");
    world.get(&books.manager, "/me").await.ok();

    let after = signed_in(&books).await;
    world.get(&with(&after), "/me").await.ok();
    let refresh = json!({"refresh_token": after["refresh_token"]});
    let renewed = world.post(&Caller::nobody(), "/auth/refresh", refresh).await.ok();
    world.get(&with(&renewed), "/me").await.ok();
}

#[actix_web::test]
async fn a_sign_out_needs_a_reason_and_somebody() {
    let books = Books::open().await;
    let world = &books.world;
    let before = books.digest().await;
    let path = |user_id: UserId| format!("/users/{user_id}/sign-out");
    world.post(&books.admin, &path(UserId::new()), json!({"reason": "x"})).await.problem(404, "not_found");
    world.post(&books.admin, &path(books.staff.user_id), json!({})).await.problem(422, "invalid");
    world.post(&books.admin, &path(books.staff.user_id), json!({"reason": ""})).await.problem(422, "invalid");
    world.post(&books.manager, &path(books.staff.user_id), json!({"reason": "x"})).await.problem(403, "not_allowed");
    world.get(&books.staff, "/me").await.ok();
    assert_eq!(books.digest().await, before);
}
