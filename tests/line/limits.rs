//! Nobody takes more than a share: sign-ins by address, requests by user, connections that say nothing.

use super::{
    house::{House, PASSWORD},
    wire::Wire,
};
use graborder::app::{self, Roles};
use serde_json::{Value, json};
use std::time::Duration;

/// The house with other limits.
async fn house(change: impl FnOnce(&mut graborder::config::Http)) -> House {
    let mut house = House::new().await;
    change(&mut house.settings.http);
    let node = app::start(&house.settings, Roles::ALL).await.expect("the node starts");
    std::mem::replace(&mut house.node, node).end().await;
    house.base = format!("http://{}", house.node.address.expect("an address"));
    house
}

/// A sign-in as a proxy would pass it on.
async fn sign_in(house: &House, forwarded_for: &str, password: &str) -> (u16, Option<String>, Value) {
    let request = house.http.post(format!("{}/api/v1/auth/login", house.base));
    let request = request.header("x-forwarded-for", forwarded_for).header("accept-language", "en");
    let response = request.json(&json!({"login": "s0001", "password": password})).send().await.expect("an answer");
    let retry = response.headers().get("retry-after").map(|value| value.to_str().expect("is text").to_owned());
    (response.status().as_u16(), retry, response.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_may_try_to_sign_in_so_often_and_others_are_not_harmed() {
    // One fewer than what locks the login itself.
    let house = house(|http| http.sign_ins_per_minute = 4).await;
    for _ in 0..4 {
        assert_eq!(sign_in(&house, "203.0.113.9", "wrong").await.0, 401);
    }
    let (status, retry, problem) = sign_in(&house, "203.0.113.9", PASSWORD).await;
    assert_eq!((status, problem["code"].as_str()), (429, Some("too_fast")), "{problem}");
    assert!(retry.is_some_and(|seconds| (1..=15).contains(&seconds.parse::<i64>().expect("seconds"))));
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains("Wait")), "{problem}");
    // Hops that the client invents stand left of the address that the proxy saw.
    let spoofed = format!("{}, 203.0.113.9", vec!["198.51.100.1"; 100].join(", "));
    assert_eq!(sign_in(&house, &spoofed, PASSWORD).await.0, 429);
    let disguised =
        house.http.post(format!("{}/api/v1/auth/%6Cogin", house.base)).header("x-forwarded-for", "203.0.113.9");
    let answer = disguised.json(&json!({"login": "s0001", "password": PASSWORD})).send().await.expect("an answer");
    assert_eq!(answer.status(), 429, "the same door in other letters");
    assert_eq!(sign_in(&house, "203.0.113.10", PASSWORD).await.0, 200, "somebody else");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_may_ask_so_often_and_others_are_not_harmed() {
    let house = house(|http| http.user_requests_per_s = 2).await;
    let (token, other) = (house.sign_in("s0001").await, house.sign_in("s0002").await);
    let mut refused = Value::Null;
    for _ in 0..40 {
        let (status, body) = house.call(Some(&token), "GET", "/api/v1/me", &Value::Null).await;
        if status == 429 {
            refused = body;
            break;
        }
        assert_eq!(status, 200);
    }
    assert_eq!(refused["code"], "too_fast", "{refused}");
    assert!(refused["retry_after_ms"].as_i64().is_some_and(|ms| (1..=1_000).contains(&ms)), "{refused}");
    house.get(&other, "/api/v1/me").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    house.get(&token, "/api/v1/me").await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_token_may_ask_so_often_and_members_behind_it_are_not_harmed() {
    let house = house(|http| http.guest_requests_per_s = 2).await;
    let token = house.sign_in("s0001").await;
    let ask = async |from: &str, token: Option<&str>| {
        let mut request = house.http.get(format!("{}/api/v1/me", house.base)).header("x-forwarded-for", from);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(ask("203.0.113.9", Some("a token that is none")).await);
    }
    assert_eq!((statuses[0], statuses[19]), (401, 429), "{statuses:?}");
    assert_eq!(ask("203.0.113.9", Some(&token)).await, 200, "a colleague at the same address");
    assert_eq!(ask("203.0.113.10", None).await, 401, "somebody else");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_holds_only_so_many_connections_that_say_nothing() {
    let house = house(|http| {
        http.guests_per_address = 3;
        http.proxies.clear();
    })
    .await;
    // This one shows who it is and no longer counts.
    let token = house.sign_in("s0001").await;
    let mut member = Wire::member(&house, &token).await;
    // The connection of the sign-in is kept for a moment by its client and still counts as one.
    let mut silent = Vec::new();
    for _ in 0..6 {
        silent.push(Wire::connect(&house).await);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut open = 0;
    for wire in &mut silent {
        if !wire.ends_within(Duration::from_millis(200)).await {
            open += 1;
        }
    }
    assert!((2..=3).contains(&open), "{open} of six are open");
    member.send(&[0x89, 0x80, 0, 0, 0, 0]).await;
    assert!(!member.ends_within(Duration::from_millis(200)).await, "who is known stays");
    drop(silent);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut next = Wire::connect(&house).await;
    assert!(!next.ends_within(Duration::from_millis(200)).await, "places come back");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_and_a_store_hold_only_so_many_sockets() {
    let house = house(|http| {
        http.sockets_per_user = 2;
        http.sockets_per_store = 3;
    })
    .await;
    let (staff, manager) = (house.sign_in("s0001").await, house.sign_in("m0001").await);
    let refused = async |token: &str| {
        let request = house.http.get(format!("{}/ws", house.base)).bearer_auth(token);
        let request = request.header("connection", "upgrade").header("upgrade", "websocket");
        let request =
            request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 429);
        response.json::<Value>().await.expect("JSON")["code"].clone()
    };
    let first = Wire::member(&house, &staff).await;
    let _second = Wire::member(&house, &staff).await;
    assert_eq!(refused(&staff).await, "too_many_sockets");
    let _third = Wire::member(&house, &manager).await;
    assert_eq!(refused(&manager).await, "too_many_sockets", "the store has three");
    let _elsewhere = Wire::member(&house, &house.sign_in("s0002").await).await;
    drop(first);
    tokio::time::sleep(Duration::from_millis(500)).await;
    Wire::member(&house, &manager).await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_users_connections_are_bounded_and_leave_room_for_strangers() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = House::new().await;
    let mut settings = house.settings.clone();
    (settings.http.connections_per_user, settings.http.proxies) = (4, Vec::new());
    settings.http.guests_per_address = 3;
    let node = graborder::app::start(&settings, graborder::app::Roles { web: true, writer: false, rounds: false })
        .await
        .expect("starts");
    let address = node.address.expect("an address");
    let token = house.sign_in("s0001").await;
    let mut kept = Vec::new();
    let mut answers = Vec::new();
    for _ in 0..6 {
        let mut line = tokio::net::TcpStream::connect(address).await.expect("connects");
        let ask = format!("GET /api/v1/me HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
        line.write_all(ask.as_bytes()).await.expect("writes");
        let mut bytes = vec![0; 4096];
        let read = line.read(&mut bytes).await.expect("reads");
        answers.push(String::from_utf8_lossy(&bytes[9..read.min(12)]).into_owned());
        kept.push(line);
    }
    assert_eq!(answers, ["200", "200", "200", "200", "429", "429"]);
    // Those above end with their answer; a stranger still comes in.
    for line in &mut kept[4..] {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(std::time::Duration::from_secs(5), line.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "the connection ends with its answer");
    }
    let stranger = house.http.get(format!("http://{address}/healthz")).send().await.expect("an answer");
    assert_eq!(stranger.status(), 200);
    drop(kept);
    node.end().await;
    house.end().await;
}
