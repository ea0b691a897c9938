//! Lists by page, searches, and the API's description of itself.

use super::{books::Books, world::Caller};
use serde_json::{Value, json};

fn codes(page: &Value) -> Vec<String> {
    page["items"]
        .as_array()
        .expect("is a list")
        .iter()
        .map(|item| item["code"].as_str().expect("is a text").to_owned())
        .collect()
}

#[actix_web::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let books = Books::open().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(json!(books.order().await.id));
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "/orders?limit=2".to_owned();
    loop {
        let page = books.world.get(&books.manager, &path).await.ok();
        seen.extend(page["items"].as_array().expect("is a list").iter().map(|order| order["order_id"].clone()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/orders?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
}

#[actix_web::test]
async fn lists_are_narrowed_by_what_is_asked() {
    let books = Books::open().await;
    let (first, second) = (books.order().await, books.order().await);
    let (world, chief) = (&books.world, &books.supervisor);
    world.post(chief, &format!("/orders/{}/cancel", first.id), json!({"reason": "x"})).await.ok();
    let count = async |path: &str| world.get(chief, path).await.ok()["items"].as_array().map(Vec::len);
    assert_eq!(count("/orders?state=CANCELLED").await, Some(1));
    assert_eq!(count(&format!("/orders?round_id={}", second.round)).await, Some(1));
    assert_eq!(count("/shipments?state=PLANNED").await, Some(1));
    assert_eq!(count("/shipments?state=PLANNED,CANCELLED").await, Some(2));
    assert_eq!(count(&format!("/shipments?warehouse_id={}", second.id)).await, Some(0));

    assert_eq!(codes(&world.get(chief, "/stores?query=%E4%BA%8C%E5%8F%B7").await.ok()), ["S002"]);
    assert_eq!(codes(&world.get(chief, "/skus?query=k1").await.ok()), ["K1"]);
    // Signs that mean something to databases mean nothing here.
    for odd in ["%25", "_", "%27%20OR%201=1--", "%5C"] {
        assert!(codes(&world.get(chief, &format!("/stores?query={odd}")).await.ok()).is_empty(), "{odd}");
    }
    let stock = world.get(chief, "/stock?query=K1").await.ok();
    let item = &stock["items"][0];
    assert_eq!(item["sku"]["code"], "K1");
    assert_eq!((&item["on_hand"], &item["available"]), (&json!(1_000), &json!(1_000 - 60 - 60 + 24)));
}

#[actix_web::test]
async fn a_store_is_suspended_and_lifted_by_an_effect() {
    let books = Books::open().await;
    let (world, chief) = (&books.world, &books.supervisor);
    let path = format!("/stores/{}", books.store);
    let until = "2026-12-01T00:00:00.000Z";
    assert_eq!(world.patch(chief, &path, json!({"suspended_until": until})).await.ok()["suspended_until"], until);
    assert_eq!(world.patch(chief, &path, json!({"suspended_until": null})).await.ok()["suspended_until"], json!(null));
    let credit = world.patch(&books.finance, &path, json!({"credit_limit_cents": 5})).await.ok();
    assert_eq!(credit["credit_limit_cents"], 5);
    let effects: Vec<Value> =
        sqlx::query_scalar("select effect from outbox order by number").fetch_all(&world.db.0).await.expect("reads");
    let suspend = |until_ms: i64| json!({"effect": "suspend", "store_id": books.store, "until_ms": until_ms});
    assert_eq!(effects, [suspend(1_796_083_200_000), suspend(0)]);
    world.patch(chief, &path, json!({})).await.problem(422, "invalid");
}

#[actix_web::test]
async fn the_api_describes_every_door() {
    let books = Books::open().await;
    let description = books.world.get(&Caller::nobody(), "/openapi.json").await.ok();
    let paths = description["paths"].as_object().expect("is an object");
    for path in [
        "/claims",
        "/rounds/{round_id}",
        "/rounds/{round_id}/pause",
        "/ws-tickets",
        "/auth/login",
        "/me",
        "/orders/{order_id}",
        "/shipments/{shipment_id}/receive",
        "/stock",
        "/users/{user_id}/sign-out",
        "/auth/register",
        "/auth/password",
        "/auth/store",
        "/auth/devices",
        "/auth/devices/{sign_in_id}",
        "/auth/sign-out-everywhere",
        "/users",
        "/users/{user_id}",
        "/users/{user_id}/approve",
        "/users/{user_id}/disable",
        "/users/{user_id}/enable",
        "/users/{user_id}/reset-password",
        "/invites",
        "/invites/{invite_id}",
        "/admin-actions",
        "/setup",
        "/needs",
        "/need-runs",
        "/need-runs/{need_run_id}",
        "/kpis",
        "/rounds/{round_id}/report",
    ] {
        assert!(paths.contains_key(&format!("/api/v1{path}")), "{path} in {:?}", paths.keys());
    }
    let schemas = description["components"]["schemas"].as_object().expect("is an object");
    for reference in references(&description) {
        assert!(schemas.contains_key(&reference), "{reference} is described");
    }
}

#[actix_web::test]
async fn the_api_describes_how_every_door_may_refuse() {
    let books = Books::open().await;
    let description = books.world.get(&Caller::nobody(), "/openapi.json").await.ok();
    for (path, item) in description["paths"].as_object().expect("is an object") {
        for (method, door) in item.as_object().expect("is an object") {
            let responses = &door["responses"];
            let is_open = door["security"] == json!([]);
            let mut wanted = vec!["405", "429", "503"];
            wanted.extend(if is_open { &[][..] } else { &["401", "403"] });
            wanted.extend(if path.contains('{') { &["404"][..] } else { &[] });
            wanted.extend(if door["requestBody"].is_object() { &["408", "413", "415", "422"][..] } else { &[] });
            for status in wanted {
                let schema = &responses[status]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ProblemBody", "{method} {path} {status}");
            }
        }
    }
}

/// The names of all schemas that are referred to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text) if name == "$ref" => vec![text.replace("#/components/schemas/", "")],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
