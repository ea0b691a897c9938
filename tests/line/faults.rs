//! Replies that are lost, calls that arrive late, and a Redis that dies in mid-round.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK},
    link::Link,
};
use crate::servers;
use futures_util::future::join_all;
use graborder::app::{self, Node, Roles};
use serde_json::{Value, json};
use std::time::Duration;

/// A node that only serves, and reaches Redis through a link of the test's.
async fn node_behind(link: &Link, house: &House) -> (Node, String) {
    let mut settings = house.settings.clone();
    settings.redis.url = link.url();
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let base = format!("http://{}", node.address.expect("an address"));
    (node, base)
}

async fn steer(house: &House, round: &super::house::Round, verb: &str) {
    let path = format!("/api/v1/rounds/{}/{verb}", round.id);
    let (status, body) = house.call(Some(&round.supervisor), "POST", &path, &json!({"reason": "test"})).await;
    assert_eq!(status, 202, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_arrives_after_its_answer_was_given_decides_nothing() {
    let redis = servers::own_redis().await;
    let house = House::on(redis.url()).await;
    let link = Link::to(redis.port()).await;
    let (node, base) = node_behind(&link, &house).await;
    let round = house.round(json!({})).await;
    let token = house.sign_in("s0001").await;
    let mut clerk = Clerk::with_token(&base, &token, Value::Null).await;
    house.open(&round).await;
    // All claim loops have their connections before these are held.
    for _ in 0..4 {
        assert_eq!(clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    }
    steer(&house, &round, "pause").await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    steer(&house, &round, "resume").await;
    house.until(&round, "OPEN").await;

    link.hold();
    let id = claim_id();
    let lines = json!([{"line_id": round.lines[0], "qty": PACK}]);
    clerk.say(&json!({"t": "claim", "claim_id": id, "round_id": round.id, "lines": lines, "mode": "PARTIAL"})).await;
    steer(&house, &round, "pause").await;
    // The first attempt is held, the second is told "paused": passed on only once the first can decide nothing any more.
    let verdict = clerk.hear_that(|frame| frame["claim_id"] == id.as_str()).await;
    assert_eq!((&verdict["status"], &verdict["code"]), (&json!("not_decided"), &json!("E02")), "{verdict}");
    steer(&house, &round, "resume").await;
    house.until(&round, "OPEN").await;
    link.release();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (status, body) =
        house.call(Some(&token), "GET", &format!("/api/v1/rounds/{}/claims/{id}", round.id), &Value::Null).await;
    assert_eq!(status, 404, "the late call decided: {body}");
    let again = clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await;
    assert_eq!(again["status"], "won", "{again}");
    house.until_ordered(5 * PACK).await;
    house.books_are_right().await;
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hung_up_and_asks_again_waits_for_its_first_call() {
    let redis = servers::own_redis().await;
    let house = House::on(redis.url()).await;
    let link = Link::to(redis.port()).await;
    let (node, base) = node_behind(&link, &house).await;
    let round = house.round(json!({})).await;
    let token = house.sign_in("s0001").await;
    let mut clerk = Clerk::with_token(&base, &token, Value::Null).await;
    house.open(&round).await;
    assert_eq!(clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");

    let id = claim_id();
    link.hold_that(&id);
    let lines = json!([{"line_id": round.lines[0], "qty": PACK}]);
    let claim = json!({"t": "claim", "claim_id": id, "round_id": round.id, "lines": lines, "mode": "PARTIAL"});
    clerk.say(&claim).await;
    link.until_held().await;
    steer(&house, &round, "pause").await;
    drop(clerk);
    let mut clerk = Clerk::with_token(&base, &token, Value::Null).await;
    clerk.say(&claim).await;
    // This call is not held, and is told "paused" at once; its answer waits until the first can decide nothing any more.
    let verdict = clerk.hear_that(|frame| frame["claim_id"] == id.as_str()).await;
    assert_eq!((&verdict["status"], &verdict["code"]), (&json!("not_decided"), &json!("E02")), "{verdict}");
    steer(&house, &round, "resume").await;
    house.until(&round, "OPEN").await;
    link.release();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let path = format!("/api/v1/rounds/{}/claims/{id}", round.id);
    let (status, body) = house.call(Some(&token), "GET", &path, &Value::Null).await;
    assert_eq!(status, 404, "the late call decided: {body}");
    assert_eq!(clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await["status"], "won");
    house.until_ordered(2 * PACK).await;
    house.books_are_right().await;
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_replies_lose_no_claim_and_double_none() {
    let redis = servers::own_redis().await;
    let house = House::on(redis.url()).await;
    let link = Link::to(redis.port()).await;
    let (node, base) = node_behind(&link, &house).await;
    let round = house.round(json!({"lines": [house.line(0, 25 * PACK)]})).await;
    let mut clerks = Vec::new();
    for code in super::house::STORES {
        let token = house.sign_in(&format!("s{code}")).await;
        clerks.push(Clerk::with_token(&base, &token, Value::Null).await);
    }
    house.open(&round).await;
    link.eat_every(3);
    let granted: i64 = join_all(clerks.iter_mut().map(async |clerk| {
        let mut granted = 0;
        for _ in 0..5 {
            let id = claim_id();
            let verdict = clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await;
            assert_eq!(verdict["t"], "verdict", "{verdict}");
            granted += verdict["lines"][0]["granted"].as_i64().unwrap_or(0);
            let again = clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await;
            if verdict["status"] != "not_decided" {
                assert_eq!(again["decided_at_ms"], verdict["decided_at_ms"], "{verdict} {again}");
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        granted
    }))
    .await
    .iter()
    .sum();
    link.eat_every(0);
    house.until_ordered(granted).await;
    house.books_are_right().await;
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_dies_in_mid_round_and_comes_back_fenced_rebuilt_and_granting() {
    let mut redis = servers::own_redis().await;
    let house = House::on(redis.url()).await;
    let round = house.round(json!({"lines": [house.line(0, 9 * PACK)]})).await;
    let mut first = Clerk::new(&house, "s0001").await;
    let mut second = Clerk::new(&house, "s0002").await;
    house.open(&round).await;
    let (won, lost, later) = (claim_id(), claim_id(), claim_id());
    let verdict = first.claim(&round, &won, &[(0, 8 * PACK)], "PARTIAL").await;
    assert_eq!(verdict["status"], "won", "{verdict}");
    let refused = second.claim(&round, &lost, &[(0, 2 * PACK)], "ALL_OR_NONE").await;
    assert_eq!(refused["code"], "E14", "{refused}");

    redis.kill_9().await.expect("dies");
    let lines = json!([{"line_id": round.lines[0], "qty": 2 * PACK}]);
    second
        .say(&json!({"t": "claim", "claim_id": later, "round_id": round.id, "lines": lines, "mode": "PARTIAL"}))
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    redis.restart().await.expect("comes back");
    // The claim that was under way waits through fence and rebuild, and gets the pack that is left.
    let verdict = second.hear_that(|frame| frame["claim_id"] == later.as_str()).await;
    assert_eq!(
        (&verdict["status"], &verdict["lines"][0]["granted"]),
        (&json!("partly_won"), &json!(PACK)),
        "{verdict}"
    );
    assert!(verdict["epoch"].as_i64() > refused["epoch"].as_i64(), "{verdict}");
    // What was decided before stays decided: the winner's and the loser's.
    assert_eq!(first.claim(&round, &won, &[(0, 8 * PACK)], "PARTIAL").await["status"], "won");
    let again = second.claim(&round, &lost, &[(0, 2 * PACK)], "ALL_OR_NONE").await;
    assert_eq!((&again["code"], &again["decided_at_ms"]), (&refused["code"], &refused["decided_at_ms"]));
    house.until_ordered(9 * PACK).await;
    house.books_are_right().await;
    house.end().await;
}
