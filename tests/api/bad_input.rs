//! Whatever is sent, the answer is a clear problem with a stable code, nothing changes, and no secret comes back.

use super::{
    books::{Books, PASSWORD},
    world::{Answer, Caller},
};
use actix_web::http::Method;
use serde_json::{Value, json};

/// Every door that reads a body, with a caller who may use it and a body that it would take.
fn doors(books: &Books, order: &super::books::Order) -> Vec<(Method, String, Caller, Value)> {
    let lines = |name: &str| order.lines.map(|line| json!({"line_id": line, name: 1}));
    let nobody = Caller::nobody;
    vec![
        (Method::POST, "/auth/login".into(), nobody(), json!({"login": "staff", "password": PASSWORD})),
        (Method::POST, "/auth/refresh".into(), nobody(), json!({"refresh_token": "x"})),
        (Method::POST, "/auth/logout".into(), nobody(), json!({"refresh_token": "x"})),
        (
            Method::POST,
            "/auth/register".into(),
            nobody(),
            json!({"code": "7KQF-93WD-H2XA", "login": "wang.li", "name": "王丽", "password": "long enough words"}),
        ),
        (
            Method::POST,
            "/setup".into(),
            nobody(),
            json!({"token": "x", "login": "wang.li", "name": "王丽", "password": "long enough words"}),
        ),
        (
            Method::POST,
            "/auth/password".into(),
            books.manager.clone(),
            json!({"current": PASSWORD, "new": "long enough words"}),
        ),
        (Method::POST, "/auth/wechat".into(), nobody(), json!({"code": "x", "store_id": books.store})),
        (Method::PUT, "/auth/wechat".into(), books.staff.clone(), json!({"code": "x", "refresh_token": "x"})),
        (Method::POST, "/auth/wecom".into(), nobody(), json!({"code": "x"})),
        (Method::PUT, "/auth/wecom".into(), books.staff.clone(), json!({"code": "x", "refresh_token": "x"})),
        (
            Method::POST,
            "/me/consents".into(),
            books.staff.clone(),
            json!({"accepted": ["claim_result"], "attempt_id": "0193cd1c-9f4e-7000-8000-000000000001"}),
        ),
        (Method::POST, "/invites".into(), books.manager.clone(), json!({"role": "store_staff"})),
        (
            Method::POST,
            "/auth/store".into(),
            books.staff.clone(),
            json!({"store_id": books.other_store, "refresh_token": "x"}),
        ),
        (
            Method::PATCH,
            format!("/users/{}", books.staff.user_id),
            books.admin.clone(),
            json!({"name": "王丽", "reason": "x"}),
        ),
        (Method::POST, format!("/users/{}/disable", books.staff.user_id), books.admin.clone(), json!({"reason": "x"})),
        (Method::POST, format!("/orders/{}/cancel", order.id), books.manager.clone(), json!({"reason": "x"})),
        (
            Method::POST,
            format!("/shipments/{}/dispatch", order.shipment),
            books.clerk.clone(),
            json!({"carrier": "x", "tracking_no": "y", "lines": lines("shipped")}),
        ),
        (
            Method::POST,
            format!("/shipments/{}/receive", order.shipment),
            books.staff.clone(),
            json!({"lines": lines("received")}),
        ),
        (
            Method::POST,
            "/claims".into(),
            books.staff.clone(),
            json!({
                "claim_id": "0193cd1c-9f4e-7000-8000-000000000001", "round_id": order.round, "mode": "PARTIAL",
                "lines": order.lines.map(|line| json!({"line_id": line, "qty": 12})),
            }),
        ),
        (Method::POST, format!("/rounds/{}/pause", order.round), books.admin.clone(), json!({"reason": "x"})),
        (
            Method::POST,
            format!("/rounds/{}/extend", order.round),
            books.admin.clone(),
            json!({"reason": "x", "closes_at": "2199-01-01T00:00:00Z"}),
        ),
        (Method::POST, format!("/rounds/{}/send-back", order.round), books.supervisor.clone(), json!({"reason": "x"})),
        (
            Method::POST,
            "/exports".into(),
            books.admin.clone(),
            json!({"format": "csv", "kind": "orders", "reason": "x", "round_id": order.round, "state": "APPROVED"}),
        ),
        (Method::PATCH, format!("/stores/{}", books.store), books.finance.clone(), json!({"credit_limit_cents": 1})),
    ]
}

/// The body with one value replaced by JSON text that need not be valid.
fn with(body: &Value, pointer: &str, text: &str) -> String {
    let mut body = body.clone();
    *body.pointer_mut(pointer).expect("is there") = json!("@@");
    body.to_string().replace("\"@@\"", text)
}

/// Pointers to all values inside.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let below = |name: String, value: &Value| {
        let here = format!("{at}/{name}");
        let mut all = pointers(value, &here);
        all.push(here);
        all
    };
    match value {
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| below(name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().flat_map(|(i, value)| below(i.to_string(), value)).collect(),
        _ => Vec::new(),
    }
}

#[track_caller]
fn assert_no_secret(answer: &Answer) {
    for secret in [PASSWORD, "argon2", "select ", "sqlx", "0x00"] {
        assert!(!answer.text.contains(secret), "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_wrong_value_anywhere_is_named_with_its_place() {
    let books = Books::open().await;
    let order = books.order().await;
    let before = books.digest().await;
    for (method, path, caller, body) in doors(&books, &order) {
        for pointer in pointers(&body, "") {
            let is_number = body.pointer(&pointer).is_some_and(Value::is_number);
            let mut wrong = vec!["NaN", "[[]]", "{\"a\":1}", "1.5", "true", "1e400", "\"\\u0000\"", "\"\\ud800\"", ""];
            if is_number {
                wrong.extend(["-1", "\"1\"", "9007199254740993", "18446744073709551616", "null ,"]);
            } else {
                wrong.extend(["1", "\"\""]);
            }
            for text in wrong {
                let sent = with(&body, &pointer, text);
                let answer = books.world.send(&caller, method.clone(), &path, Some(sent.clone().into()), &[]).await;
                if path == "/auth/login" && pointer == "/password" && answer.status == 401 {
                    answer.problem(401, "bad_login");
                    continue;
                }
                if path == "/claims" && answer.json()["code"] == "E20" {
                    // A quantity that is a number and no claim.
                    assert!(pointer.ends_with("qty") && ["-1", "9007199254740993"].contains(&text), "{sent}");
                    answer.problem(422, "E20");
                    continue;
                }
                let problem = answer.problem(422, "invalid");
                let told = problem["errors"][0]["pointer"].as_str().expect("is told");
                let whole = !["", "\"\\ud800\"", "null ,"].contains(&text);
                assert!(!whole || told.starts_with(&pointer), "{path} {sent}: {told} for {pointer}");
                assert_no_secret(&answer);
            }
        }
    }
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn fields_are_known_by_name_and_never_by_place() {
    let books = Books::open().await;
    let order = books.order().await;
    let before = books.digest().await;
    for (method, path, caller, body) in doors(&books, &order) {
        let mut objects = pointers(&body, "");
        objects.push(String::new());
        objects.retain(|pointer| body.pointer(pointer).is_some_and(Value::is_object));
        for pointer in objects {
            let mut placed = body.clone();
            let fields = placed.pointer_mut(&pointer).expect("is there");
            *fields = fields.as_object().expect("is an object").values().cloned().collect();
            let sent = placed.to_string();
            let answer = books.world.send(&caller, method.clone(), &path, Some(sent.clone().into()), &[]).await;
            let problem = answer.problem(422, "invalid");
            let told = problem["errors"][0]["pointer"].as_str().expect("is told");
            assert!(told.starts_with(&pointer), "{path} {sent}: {told} for {pointer}");
        }
    }
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn missing_extra_and_doubled_fields_are_refused() {
    let books = Books::open().await;
    let order = books.order().await;
    let before = books.digest().await;
    for (method, path, caller, body) in doors(&books, &order) {
        let fields = body.as_object().expect("is an object");
        let send = async |text: String| {
            let answer = books.world.send(&caller, method.clone(), &path, Some(text.into()), &[]).await;
            assert_no_secret(&answer);
            answer.problem(422, "invalid")["errors"][0]["pointer"].as_str().expect("is told").to_owned()
        };
        let mut extra = body.clone();
        extra["is_admin"] = json!(true);
        assert_eq!(send(extra.to_string()).await, "/is_admin", "{path}");
        let (name, value) = fields.iter().next().expect("has a field");
        let doubled = format!("{{\"{name}\": {value}, {}", &body.to_string()[1..]);
        assert_eq!(send(doubled).await, format!("/{name}"), "{path}");
        if method == Method::POST && !name.starts_with("lines") || path.ends_with("receive") {
            let mut missing = body.clone();
            missing.as_object_mut().expect("is an object").remove(name);
            assert_eq!(send(missing.to_string()).await, format!("/{name}"), "{path}");
        }
    }
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn what_is_no_json_object_of_a_fair_size_is_refused() {
    let books = Books::open().await;
    let order = books.order().await;
    let before = books.digest().await;
    for (method, path, caller, body) in doors(&books, &order) {
        let send = async |bytes: Vec<u8>, headers: &[(&str, &str)]| {
            books.world.send(&caller, method.clone(), &path, Some(bytes), headers).await
        };
        for text in
            ["", "[]", "[null, null]", "1", "null", "\"x\"", "{", "\u{feff}{}", "{} x", "{\"a\"", &"[".repeat(10_000)]
        {
            send(text.into(), &[]).await.problem(422, "invalid");
        }
        send(vec![b'{', b'"', 0xff, 0xfe, b'"', b'}'], &[]).await.problem(422, "invalid");
        let good = body.to_string();
        let padded = format!("{good}{}", " ".repeat(16 * 1024));
        send(padded.into(), &[]).await.problem(413, "too_large");
        send(vec![b' '; 70 * 1024], &[]).await.problem(413, "too_large");
        for headers in [
            [("content-type", "text/plain")],
            [("content-type", "application/json; charset=utf-16")],
            [("content-type", "application/x-www-form-urlencoded")],
            [("content-encoding", "gzip")],
        ] {
            send(good.clone().into(), &headers).await.problem(415, "not_json");
        }
    }
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn odd_addresses_and_parameters_are_refused() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    for path in
        ["/orders/1", "/orders/..", "/orders/%00", "/orders/x'--", "/stores/00000000-0000-0000-0000-00000000000g"]
    {
        books.world.get(chief, path).await.problem(404, "not_found");
    }
    for query in [
        "limit=0",
        "limit=-1",
        "limit=1.5",
        "limit=1000000000",
        "limit=x",
        "limit=1&limit=2",
        "sort=id",
        "state=NEW",
        "cursor=zz",
        "cursor=7b7d",
        "round_id=1",
    ] {
        books.world.get(chief, &format!("/orders?{query}")).await.problem(422, "invalid");
    }
    books.world.get(chief, "/shipments?state=PLANNED,X").await.problem(422, "invalid");
    books.world.get(chief, "/stores?query=%00").await.problem(422, "invalid");
    for (method, path, allowed) in [
        (Method::DELETE, "/orders", "GET"),
        (Method::PUT, "/me", "GET"),
        (Method::TRACE, "/rounds", "GET, POST"),
        (Method::POST, "/orders/0193cd1c-9f4e-7000-8000-000000000001", "GET"),
    ] {
        let answer = books.world.send(chief, method, path, None, &[]).await;
        answer.problem(405, "no_such_method");
        assert_eq!(answer.headers.get("allow").expect("is told"), allowed, "{path}");
    }
    books.world.send(chief, Method::PUT, "/nowhere", None, &[]).await.problem(404, "not_found");
}
