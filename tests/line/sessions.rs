//! What a session may do, and for how long.

use super::{
    clerk::{Clerk, claim_id, connect},
    house::{House, PACK},
};
use chrono::Duration;
use graborder::{
    app::{self, Roles},
    auth::{Tokens, token::Person},
    domain::clock,
};
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// A token of the same person that ends after so many seconds.
fn short(house: &House, token: &str, seconds: i64) -> String {
    let tokens =
        Tokens::new(&house.settings.tokens.secret.clone().into(), Duration::seconds(seconds)).expect("a long secret");
    let who = tokens.read(token).expect("a token of this house");
    let person = Person {
        user_id: who.user_id,
        role: who.role,
        store_id: who.store_id,
        pool: who.pool,
        auth_version: who.auth_version,
    };
    tokens.issue(&person, clock::now()).expect("signed").0
}

/// Asks for a socket as a browser does, to see how it is refused.
async fn handshake(house: &House, base: &str, token: &str) -> reqwest::Response {
    let asked = house
        .http
        .get(format!("{base}/ws"))
        .bearer_auth(token)
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "Z3JhYm9yZGVyLXRlc3QtMQ==");
    asked.send().await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_token_unless_it_was_renewed() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    let started = std::time::Instant::now();
    let mut silent = Clerk::with_token(&house.base, &short(&house, &token, 3), Value::Null).await;
    let mut renewed = Clerk::with_token(&house.base, &short(&house, &token, 3), Value::Null).await;
    let (status, ticket) = house.call(Some(&token), "POST", "/api/v1/ws-tickets", &json!({})).await;
    assert_eq!(status, 201, "{ticket}");
    renewed.say(&json!({"t": "auth", "ticket": ticket["ticket"]})).await;

    assert_eq!(silent.hear("bye").await["code"], 4401);
    assert_eq!(silent.hear("closed").await["code"], 4401);
    // Long before the next heartbeat would have noticed.
    assert!(started.elapsed().as_secs() < 15, "{:?}", started.elapsed());
    renewed.say(&json!({"t": "ping", "t0": 1})).await;
    renewed.hear("pong").await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stops_says_so_first_and_then_sends_everybody_away_with_their_answers() {
    let house = House::new().await;
    let mut settings = house.settings.clone();
    (settings.http.drain_notice_ms, settings.http.drain_ms) = (600, 300);
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let base = format!("http://{}", node.address.expect("an address"));
    let round = house.round(json!({})).await;
    let mut clerks = Vec::new();
    for code in super::house::STORES {
        let token = house.sign_in(&format!("s{code}")).await;
        clerks.push(Clerk::with_token(&base, &token, Value::Null).await);
    }
    house.open(&round).await;
    let ready = async || house.http.get(format!("{base}/readyz")).send().await.expect("answers").status().as_u16();
    assert_eq!(ready().await, 200);

    let leaving = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert_eq!(ready().await, 503, "load balancers hear of it while everybody is still served");
        let refused = handshake(&house, &base, &clerks[0].token).await;
        assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (503, true));
        let id = claim_id();
        assert_eq!(clerks[0].claim(&round, &id, &[(0, PACK)], "PARTIAL").await["status"], "won");
        let mut back_after = Vec::new();
        for clerk in &mut clerks {
            let bye = clerk.hear("bye").await;
            assert_eq!(bye["code"], 1012);
            back_after.push(bye["reconnect_after_ms"].as_i64().expect("a time"));
            assert_eq!(clerk.hear("closed").await["code"], 1012);
        }
        back_after.sort_unstable();
        back_after.dedup();
        assert!(back_after.len() > 1, "not all at the same moment: {back_after:?}");
    };
    tokio::join!(leaving, node.end());
    house.until_ordered(PACK).await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_says_nothing_any_more_is_given_up_and_a_quiet_one_is_not() {
    let house = House::new().await;
    let mut settings = house.settings.clone();
    settings.http.heartbeat_ms = 400;
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let base = format!("http://{}", node.address.expect("an address"));
    let token = house.sign_in("s0001").await;
    let mut dead = Clerk::with_token(&base, &token, Value::Null).await;
    let mut quiet = Clerk::with_token(&base, &token, Value::Null).await;
    assert_eq!(quiet.welcome["heartbeat_ms"], 400);
    // Reading answers the node's pings; nobody reads for the other one.
    let heard = tokio::time::timeout(std::time::Duration::from_millis(2_500), quiet.hear("bye")).await;
    assert!(heard.is_err(), "{heard:?}");
    // Its line is cut; whether the farewell is still read depends on what the phone tries first.
    while let Some(frame) = dead.next().await {
        match frame["t"].as_str() {
            Some("bye" | "closed") => assert_eq!(frame["code"], 4408),
            _ => assert_eq!(frame["t"], "snapshot"),
        }
        if frame["t"] == "closed" {
            break;
        }
    }
    quiet.say(&json!({"t": "ping", "t0": 1})).await;
    quiet.hear("pong").await;
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_sockets_is_told_when_to_come_back() {
    let house = House::new().await;
    let mut settings = house.settings.clone();
    settings.http.handshakes_per_s = NonZeroU32::new(3).expect("not zero");
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let base = format!("http://{}", node.address.expect("an address"));
    let token = house.sign_in("s0001").await;
    let mut admitted = Vec::new();
    for _ in 0..3 {
        admitted.push(Clerk::with_token(&base, &token, Value::Null).await);
    }
    let refused = handshake(&house, &base, &token).await;
    assert_eq!(refused.status(), 503);
    let after: u64 = refused.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=3).contains(&after), "{after}");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    connect(&base, &token).await;
    for clerk in &mut admitted {
        clerk.say(&json!({"t": "ping", "t0": 1})).await;
        clerk.hear("pong").await;
    }
    node.end().await;
    house.end().await;
}
