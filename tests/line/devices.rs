//! One grabbing device a user: the newest that opened a socket for a store; and every frame against the table of roles.

use super::{
    clerk::{Clerk, claim_id, connect},
    house::{House, PACK},
};
use crate::servers;
use graborder::auth::doors::{FRAMES, ROLES};
use graborder::domain::role::Role;
use serde_json::{Value, json};
use std::time::Duration;

async fn replaced(clerk: &mut Clerk) {
    let bye = clerk.hear("bye").await;
    assert_eq!((&bye["code"], &bye["reconnect_after_ms"]), (&json!(4409), &Value::Null), "{bye}");
    assert_eq!(clerk.hear("closed").await["code"], 4409);
}

async fn is_there(clerk: &mut Clerk) {
    clerk.say(&json!({"t": "ping", "t0": 1})).await;
    let frame = clerk.hear_that(|frame| frame["t"] == "pong" || frame["t"] == "bye").await;
    assert_eq!(frame["t"], "pong", "{frame}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_phone_takes_the_first_ones_place_on_whichever_node_and_two_windows_of_one_phone_stay() {
    let house = House::new().await;
    let (second, base) = house.second_node().await;
    let [one, two] = [house.sign_in("s0001").await, house.sign_in("s0001").await];
    let colleague = house.sign_in("m0001").await;
    let mut first = Clerk::with_token(&house.base, &one, Value::Null).await;
    let mut window = Clerk::with_token(&base, &one, Value::Null).await;
    let mut manager = Clerk::with_token(&house.base, &colleague, Value::Null).await;
    is_there(&mut first).await;

    let mut phone = Clerk::with_token(&base, &two, Value::Null).await;
    replaced(&mut first).await;
    replaced(&mut window).await;
    for other in [&mut phone, &mut manager] {
        is_there(other).await;
    }
    // "Use here" on the first one: it comes back, and the other one goes.
    let mut again = Clerk::with_token(&house.base, &one, Value::Null).await;
    replaced(&mut phone).await;
    is_there(&mut again).await;

    // What was claimed before stays what it was, whichever device asks.
    let round = house.round(json!({})).await;
    house.open(&round).await;
    let id = claim_id();
    assert_eq!(again.claim(&round, &id, &[(0, PACK)], "PARTIAL").await["status"], "won");
    let mut other = Clerk::with_token(&base, &two, Value::Null).await;
    assert_eq!(other.claim(&round, &id, &[(0, PACK)], "PARTIAL").await["status"], "won");
    house.until_ordered(PACK).await;
    second.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headquarters_may_look_from_many_screens() {
    let house = House::new().await;
    let mut screens = Vec::new();
    for _ in 0..3 {
        let token = house.sign_in("supervisor").await;
        screens.push(Clerk::with_token(&house.base, &token, Value::Null).await);
    }
    for screen in &mut screens {
        is_there(screen).await;
    }
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_phones_that_come_at_once_one_stays() {
    let house = House::new().await;
    let (second, base) = house.second_node().await;
    let mut tokens = Vec::new();
    for _ in 0..8 {
        tokens.push(house.sign_in("s0002").await);
    }
    for _ in 0..5 {
        let phones = futures_util::future::join_all(tokens.iter().enumerate().map(async |(i, token)| {
            let at = if i % 2 == 0 { &house.base } else { &base };
            let mut phone = Clerk { token: token.clone(), socket: connect(at, token).await, welcome: Value::Null };
            phone.say(&json!({"t": "hello", "client": "bench", "version": "1"})).await;
            phone
        }))
        .await;
        // A heartbeat of silence says who was let be.
        let ends = futures_util::future::join_all(phones.into_iter().map(async |mut phone| {
            let end = tokio::time::timeout(Duration::from_secs(2), phone.hear("bye")).await;
            (end.map(|bye| bye["code"].clone()).ok(), phone)
        }))
        .await;
        let stayed = ends.iter().filter(|(end, _)| end.is_none()).count();
        assert!(ends.iter().all(|(end, _)| end.as_ref().is_none_or(|code| *code == 4409)));
        assert_eq!(stayed, 1, "one device grabs");
    }
    second.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_forgot_who_grabs_lets_the_next_phone_settle_it() {
    let mut redis = servers::own_redis().await;
    let house = House::on(redis.url()).await;
    let mut first = Clerk::new(&house, "s0001").await;
    let client = redis::Client::open(house.settings.redis.url.as_str()).expect("an address");
    let mut raw = client.get_multiplexed_async_connection().await.expect("connects");
    let key = house.node.hot.pool(&graborder::domain::ids::PoolId::main()).keys().grabbing();
    let held: i64 = redis::cmd("DEL").arg(&key).query_async(&mut raw).await.expect("answers");
    assert_eq!(held, 1);
    is_there(&mut first).await;
    let mut next = Clerk::new(&house, "s0001").await;
    replaced(&mut first).await;
    is_there(&mut next).await;

    // A message that nobody heard: the subscriptions are cut while another node's phone takes the place.
    let user = user_of(&raw, &key).await;
    let held: String = redis::cmd("HGET").arg(&key).arg(&user).query_async(&mut raw).await.expect("answers");
    let (since, _) = held.split_once('|').expect("two parts");
    let later = since.parse::<i64>().expect("a number") + 1_000_000;
    let () = redis::cmd("HSET")
        .arg(&key)
        .arg(&user)
        .arg(format!("{later}|{}", uuid::Uuid::now_v7()))
        .query_async(&mut raw)
        .await
        .expect("answers");
    let () = redis::cmd("CLIENT").arg(&["KILL", "TYPE", "pubsub"]).query_async(&mut raw).await.expect("answers");
    replaced(&mut next).await;
    house.end().await;
    redis.stop().await.expect("stops");
}

/// The one user in the hash.
async fn user_of(raw: &redis::aio::MultiplexedConnection, key: &str) -> String {
    let fields: Vec<String> = redis::cmd("HKEYS").arg(key).query_async(&mut raw.clone()).await.expect("answers");
    let [user] = fields.as_slice() else { panic!("{fields:?}") };
    user.clone()
}

fn login(role: Role) -> &'static str {
    match role {
        Role::StoreStaff => "s0003",
        Role::StoreManager => "m0003",
        Role::Supervisor => "supervisor",
        Role::WarehouseClerk => "warehouse",
        Role::Finance => "finance",
        Role::Admin => "admin",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_frame_is_heard_from_those_it_is_for_and_nobody_else() {
    let house = House::new().await;
    for role in ROLES {
        let token = house.sign_in(login(role)).await;
        for frame in FRAMES {
            let (status, ticket) = house.call(Some(&token), "POST", "/api/v1/ws-tickets", &json!({})).await;
            assert_eq!(status, 201, "{ticket}");
            let mut session = Clerk::with_token(&house.base, &token, Value::Null).await;
            session.say_text(&frame.text_to_nothing(ticket["ticket"].as_str().expect("a ticket"))).await;
            session.say(&json!({"t": "ping", "t0": 7})).await;
            let refused = std::cell::Cell::new(false);
            session
                .hear_that(|heard| {
                    refused.set(refused.get() || heard["t"] == "error" && heard["code"] == "not_allowed");
                    heard["t"] == "pong" && heard["t0"] == 7
                })
                .await;
            assert_eq!(refused.get(), !frame.who.includes(role), "{role:?} says {}", frame.t);
        }
    }
    assert_eq!(house.number("select count(*) from claims").await, 0);
    house.end().await;
}
