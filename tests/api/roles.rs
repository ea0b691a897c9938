//! Who may do what, asked at the doors themselves; and that nobody reaches another store's things.

use super::books::Books;
use actix_web::http::Method;
use graborder::domain::{
    ids::{ClaimId, OrderId, RoundId, ShipmentId, UserId},
    role::Role::{self, *},
};
use serde_json::{Value, json};

/// A door, and the roles it is for.
type Door = (Method, String, Option<Value>, &'static [Role]);

#[actix_web::test]
async fn every_door_lets_in_those_it_is_for_and_nobody_else() {
    let books = Books::open().await;
    // Ids that do not exist and bodies with nothing in them: who is let in gets any answer but 403, and nothing changes.
    let (order, shipment, round, user) = (OrderId::new(), ShipmentId::new(), RoundId::new(), UserId::new());
    let get = |path: &str, roles: &'static [Role]| (Method::GET, path.to_owned(), None, roles);
    let post = |path: String, body, roles: &'static [Role]| (Method::POST, path, Some(body), roles);
    let doors: Vec<Door> = vec![
        get("/rounds", &[StoreStaff, StoreManager, Supervisor, Admin]),
        get(&format!("/rounds/{round}"), &[StoreStaff, StoreManager, Supervisor, Admin]),
        get(&format!("/rounds/{round}/board"), &[Supervisor, Admin]),
        get(&format!("/rounds/{round}/claims/{}", ClaimId::new()), &[StoreStaff, StoreManager]),
        post("/rounds".into(), json!({}), &[Supervisor]),
        (Method::PATCH, format!("/rounds/{round}"), Some(json!({})), &[Supervisor]),
        post(format!("/rounds/{round}/publish"), json!({}), &[Supervisor]),
        post(format!("/rounds/{round}/pause"), json!({"reason": "x"}), &[Supervisor, Admin]),
        post(format!("/rounds/{round}/resume"), json!({"reason": "x"}), &[Supervisor, Admin]),
        post(format!("/rounds/{round}/stop"), json!({"reason": "x"}), &[Supervisor, Admin]),
        post(format!("/rounds/{round}/cancel"), json!({"reason": "x"}), &[Supervisor, Admin]),
        post(format!("/rounds/{round}/extend"), json!({}), &[Supervisor, Admin]),
        post("/claims".into(), json!({}), &[StoreStaff, StoreManager]),
        get("/orders", &[StoreStaff, StoreManager, Supervisor, Finance, Admin]),
        get(&format!("/orders/{order}"), &[StoreStaff, StoreManager, Supervisor, Finance, Admin]),
        get("/shipments", &[WarehouseClerk, Supervisor, Admin]),
        get("/stores", &[Supervisor, Finance, Admin]),
        get(&format!("/stores/{order}"), &[Supervisor, Finance, Admin]),
        post(format!("/users/{order}/sign-out"), json!({"reason": "x"}), &[Admin]),
        get("/skus", &[Supervisor, WarehouseClerk, Finance, Admin]),
        get("/warehouses", &[Supervisor, WarehouseClerk, Finance, Admin]),
        get("/stock", &[Supervisor, WarehouseClerk, Admin]),
        post(format!("/orders/{order}/cancel"), json!({"reason": "x"}), &[StoreManager, Supervisor, Admin]),
        post(format!("/shipments/{shipment}/dispatch"), json!({"carrier": "x", "tracking_no": "y"}), &[WarehouseClerk]),
        post(format!("/shipments/{shipment}/in-transit"), json!({}), &[WarehouseClerk]),
        post(format!("/shipments/{shipment}/arrive"), json!({}), &[WarehouseClerk]),
        post(format!("/shipments/{shipment}/receive"), json!({"lines": []}), &[StoreStaff, StoreManager]),
        (Method::PATCH, format!("/stores/{order}"), Some(json!({"suspended_until": null})), &[Supervisor, Admin]),
        (Method::PATCH, format!("/stores/{order}"), Some(json!({"dock_units_per_day": 1})), &[Supervisor, Admin]),
        (Method::PATCH, format!("/stores/{order}"), Some(json!({"credit_limit_cents": 1})), &[Finance]),
        get("/users", &[StoreManager, Admin]),
        get("/invites", &[StoreManager, Admin]),
        get("/admin-actions", &[Admin]),
        post("/invites".into(), json!({}), &[StoreManager, Admin]),
        (Method::DELETE, format!("/invites/{user}"), None, &[StoreManager, Admin]),
        post(format!("/users/{user}/approve"), json!({}), &[StoreManager, Admin]),
        post(format!("/users/{user}/enable"), json!({}), &[StoreManager, Admin]),
        post(format!("/users/{user}/disable"), json!({"reason": "x"}), &[StoreManager, Admin]),
        post(format!("/users/{user}/reset-password"), json!({}), &[StoreManager, Admin]),
        (Method::PATCH, format!("/users/{user}"), Some(json!({"reason": "x"})), &[Admin]),
    ];
    let before = books.digest().await;
    for (method, path, body, roles) in doors {
        for (role, caller) in books.everybody() {
            let bytes = body.as_ref().map(|body| body.to_string().into());
            let answer = books.world.send(caller, method.clone(), &path, bytes, &[]).await;
            if roles.contains(&role) {
                let let_in = [200, 404, 422, 428, 503].contains(&answer.status.as_u16());
                assert!(let_in, "{role:?} {method} {path}: {}", answer.text);
            } else {
                answer.problem(403, "not_allowed");
            }
        }
    }
    assert_eq!(books.digest().await, before);
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
