//! Who may do what, asked at the doors themselves; and that nobody reaches another store's things.

use super::{books::Books, world::Caller};
use actix_web::http::Method;
use graborder::auth::doors::{DOORS, Door, LET_IN, NOT_WALKED, Who};
use serde_json::json;
use std::collections::BTreeSet;

#[actix_web::test]
async fn every_door_lets_in_those_it_is_for_and_nobody_else() {
    let books = Books::open().await;
    let before = books.digest().await;
    for door in DOORS {
        let method: Method = door.method.parse().expect("a method");
        let (path, body) = (door.path_to_nothing(), door.body.map(Into::into));
        for (role, caller) in books.everybody() {
            let answer = books.world.send(caller, method.clone(), &path, body.clone(), &[]).await;
            if door.who.includes(role) {
                let status = answer.status.as_u16();
                let at_the_door = door.who == Who::Anybody && status == 401;
                assert!(LET_IN.contains(&status) || at_the_door, "{role:?} {method} {path}: {}", answer.text);
            } else {
                answer.problem(403, "not_allowed");
            }
        }
        let stranger = books.world.send(&Caller::nobody(), method.clone(), &path, body, &[]).await;
        if door.who != Who::Anybody {
            stranger.problem(401, "sign_in");
        }
    }
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn every_door_that_the_api_describes_stands_in_the_table_and_no_other() {
    let books = Books::open().await;
    let description = books.world.get(&Caller::nobody(), "/openapi.json").await.ok();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().expect("is an object") {
        let path = path.strip_prefix("/api/v1").expect("all doors are below it");
        for (method, door) in item.as_object().expect("is an object") {
            described.insert((method.to_uppercase(), path.to_owned()));
            let is_it = |known: &&Door| known.path == path && known.method.eq_ignore_ascii_case(method);
            let open = DOORS.iter().find(is_it).is_some_and(|known| known.who == Who::Anybody);
            assert_eq!(door["security"] == json!([]), open, "{method} {path} says whether one signs in first");
        }
    }
    let known = DOORS.iter().map(|door| (door.method, door.path)).chain(NOT_WALKED);
    let known: BTreeSet<_> = known.map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(known, described);
}

#[actix_web::test]
async fn a_store_sees_and_touches_only_its_own_orders() {
    let books = Books::open().await;
    let (own, foreign) = (books.order().await, books.order_of(books.other_store).await);
    let before = books.digest().await;
    let (world, manager) = (&books.world, &books.manager);

    let list = world.get(manager, "/orders").await.ok();
    let ids: Vec<_> =
        list["items"].as_array().expect("is a list").iter().map(|order| order["order_id"].clone()).collect();
    assert_eq!(ids, [json!(own.id)]);
    world.get(manager, &format!("/orders/{}", foreign.id)).await.problem(404, "not_found");
    world
        .post(manager, &format!("/orders/{}/cancel", foreign.id), json!({"reason": "x"}))
        .await
        .problem(404, "not_found");
    let counted = json!({"lines": foreign.lines.map(|line| json!({"line_id": line, "received": 0}))});
    world.post(manager, &format!("/shipments/{}/receive", foreign.shipment), counted).await.problem(404, "not_found");

    let all = world.get(&books.supervisor, "/orders").await.ok();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn a_store_named_in_a_message_is_refused() {
    let books = Books::open().await;
    let order = books.order().await;
    let before = books.digest().await;
    let lines = order.lines.map(|line| json!({"line_id": line, "received": 1}));
    let body = json!({"store_id": books.store, "lines": lines});
    let path = format!("/shipments/{}/receive", order.shipment);
    let problem = books.world.post(&books.other_manager, &path, body).await.problem(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/store_id");
    let list = books.world.get(&books.other_manager, &format!("/orders?store_id={}", books.store)).await;
    list.problem(422, "invalid");
    assert_eq!(books.digest().await, before);
}
