//! What a session may do, and for how long.

use super::{clerk::Clerk, house::House};
use chrono::Duration;
use graborder::{
    auth::{Tokens, token::Person},
    domain::clock,
};
use serde_json::{Value, json};

/// A token of the same person that ends after so many seconds.
fn short(house: &House, token: &str, seconds: i64) -> String {
    let tokens =
        Tokens::new(&house.settings.tokens.secret.clone().into(), Duration::seconds(seconds)).expect("a long secret");
    let who = tokens.read(token).expect("a token of this house");
    let person = Person { user_id: who.user_id, role: who.role, store_id: who.store_id, pool: who.pool };
    tokens.issue(&person, clock::now()).expect("signed").0
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
