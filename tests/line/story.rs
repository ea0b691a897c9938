//! From a tap to goods on the shelf, and what must hold on the way.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK, PRICE_CENTS},
};
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_becomes_an_order_a_shipment_and_goods_on_the_shelf() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;

    let id = claim_id();
    let verdict = clerk.claim(&round, &id, &[(0, 2 * PACK)], "PARTIAL").await;
    assert_eq!((&verdict["status"], &verdict["lines"][0]["granted"]), (&json!("won"), &json!(2 * PACK)), "{verdict}");
    let ordered = clerk.hear("ordered").await;
    assert_eq!(ordered["claim_id"], id.as_str());
    let order = &ordered["orders"][0];
    assert_eq!((&order["units"], &order["total_cents"]), (&json!(2 * PACK), &json!(2 * PACK * PRICE_CENTS)));
    let order_no = order["order_no"].as_str().expect("a number");
    assert!(order_no.starts_with("RO-") && order_no.len() == "RO-20261123-000001".len(), "{order_no}");
    let order_id = order["order_id"].as_str().expect("an id").to_owned();

    let warehouse = house.sign_in("warehouse").await;
    let shipments = house.get(&warehouse, "/api/v1/shipments?state=PLANNED").await;
    let shipment = shipments["items"][0]["shipment_id"].as_str().expect("an id").to_owned();
    let path = |verb: &str| format!("/api/v1/shipments/{shipment}/{verb}");
    let note = json!({"carrier": "顺丰", "tracking_no": "SF123"});
    for (verb, body, state) in
        [("dispatch", &note, "DISPATCHED"), ("in-transit", &json!({}), "IN_TRANSIT"), ("arrive", &json!({}), "ARRIVED")]
    {
        let (status, answer) = house.call(Some(&warehouse), "POST", &path(verb), body).await;
        assert_eq!(status, 200, "{verb}: {answer}");
        let told = clerk.hear("order").await;
        assert_eq!((&told["shipment_state"], &told["order_id"]), (&json!(state), &json!(order_id)));
    }
    let counted =
        json!({"lines": [{"line_id": round.lines[0], "received": 2 * PACK - 1, "damaged": 1, "reason": "damaged"}]});
    let (status, answer) = house.call(Some(&clerk.token), "POST", &path("receive"), &counted).await;
    assert_eq!(status, 200, "{answer}");
    let told = clerk.hear("order").await;
    assert_eq!(told["shipment_state"], "RECEIVED_WITH_DIFFERENCE");
    let order = house.get(&clerk.token, &format!("/api/v1/orders/{order_id}")).await;
    assert_eq!((&order["lines"][0]["received"], &order["lines"][0]["damaged"]), (&json!(2 * PACK - 1), &json!(1)));
    assert!(order["timeline"].as_array().expect("a timeline").len() >= 5, "{order}");
    house.books_are_right().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_gets_one_verdict_on_every_door_of_every_node() {
    let house = House::new().await;
    let (second, base) = house.second_node().await;
    let round = house.round(json!({"lines": [house.line(0, 2 * PACK)]})).await;
    let mut winner = Clerk::new(&house, "s0001").await;
    let mut loser = Clerk::new(&house, "s0002").await;
    let mut elsewhere = Clerk::with_token(&base, &winner.token, json!(null)).await;
    house.open(&round).await;

    let (won, lost) = (claim_id(), claim_id());
    let first = winner.claim(&round, &won, &[(0, 2 * PACK)], "PARTIAL").await;
    assert_eq!(first["status"], "won", "{first}");
    let refused = loser.claim(&round, &lost, &[(0, PACK)], "PARTIAL").await;
    assert_eq!((&refused["status"], &refused["code"]), (&json!("refused"), &json!("E14")), "{refused}");

    // Ten equal taps at once, on both nodes and over HTTP.
    for _ in 0..3 {
        assert_eq!(winner.claim(&round, &won, &[(0, 2 * PACK)], "PARTIAL").await["status"], "won");
    }
    assert_eq!(elsewhere.claim(&round, &won, &[(0, 2 * PACK)], "PARTIAL").await, first);
    let again = json!({"claim_id": lost, "round_id": round.id, "mode": "PARTIAL",
                       "lines": [{"line_id": round.lines[0], "qty": PACK}]});
    let answers = join_all((0..5).map(|_| house.call(Some(&loser.token), "POST", "/api/v1/claims", &again))).await;
    for (status, body) in answers {
        assert_eq!(status, 200, "{body}");
        assert_eq!(
            (&body["status"], &body["code"], &body["decided_at_ms"]),
            (&json!("refused"), &json!("E14"), &refused["decided_at_ms"])
        );
    }
    let asked = house.get(&loser.token, &format!("/api/v1/rounds/{}/claims/{lost}", round.id)).await;
    assert_eq!(asked["decided_at_ms"], refused["decided_at_ms"]);

    // Another body under a known id is refused and changes nothing; somebody else's claim does not exist.
    let other = winner.claim(&round, &won, &[(0, PACK)], "PARTIAL").await;
    assert_eq!((&other["status"], &other["code"]), (&json!("not_decided"), &json!("E20")), "{other}");
    let (status, _) = house
        .call(Some(&winner.token), "GET", &format!("/api/v1/rounds/{}/claims/{lost}", round.id), &json!(null))
        .await;
    assert_eq!(status, 404);
    assert_eq!(elsewhere.hear("ordered").await["claim_id"], won.as_str());
    house.until_number("select count(*) from claims", 2).await;
    assert_eq!(house.number("select count(*) from orders").await, 1);
    house.books_are_right().await;
    second.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_stops_the_clock_and_what_is_unsold_goes_back() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    let mut board = Clerk::with_token(&house.base, &round.supervisor, json!(null)).await;
    board.say(&json!({"t": "watch", "round_id": round.id})).await;
    house.open(&round).await;
    let steer = |verb: &str, body: serde_json::Value| {
        let path = format!("/api/v1/rounds/{}/{verb}", round.id);
        let (house, token) = (&house, &round.supervisor);
        async move {
            let (status, answer) = house.call(Some(token), "POST", &path, &body).await;
            assert_eq!(status, 202, "{path}: {answer}");
        }
    };
    assert_eq!(clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");

    steer("pause", json!({"reason": "华东断网"})).await;
    let id = claim_id();
    let paused = clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await;
    assert_eq!((&paused["status"], &paused["code"]), (&json!("not_decided"), &json!("E02")), "{paused}");
    house.until(&round, "PAUSED").await;
    let before = house.get(&round.supervisor, &format!("/api/v1/rounds/{}", round.id)).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    steer("resume", json!({"reason": "恢复"})).await;
    house.until(&round, "OPEN").await;
    let after = house.get(&round.supervisor, &format!("/api/v1/rounds/{}", round.id)).await;
    let closes = |body: &serde_json::Value| body["closes_at_ms"].as_i64().expect("a time");
    assert!(closes(&after) >= closes(&before) + 300, "{before} {after}");
    // What was not decided may be sent again under its id.
    assert_eq!(clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await["status"], "won");

    steer("stop", json!({"reason": "够了"})).await;
    house.until(&round, "CLOSED").await;
    let closed = clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
    assert_eq!((&closed["status"], &closed["code"]), (&json!("not_decided"), &json!("E01")), "{closed}");
    let told = board.hear_that(|frame| frame["t"] == "round" && frame["state"] == "CLOSED").await;
    assert_eq!(told["round_id"], round.id.as_str());
    assert_eq!(house.number("select returned from offer_lines").await, 58 * PACK);
    assert_eq!(house.number("select sum(pledged)::bigint from stock_levels").await, 0);
    house.books_are_right().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_taps_at_once_and_nothing_is_oversold() {
    let house = House::new().await;
    let round = house.round(json!({"lines": [house.line(0, 7 * PACK), house.line(1, 5 * PACK)]})).await;
    let mut clerks = Vec::new();
    for code in super::house::STORES {
        clerks.push(Clerk::new(&house, &format!("s{code}")).await);
    }
    house.open(&round).await;
    let verdicts = join_all(clerks.iter_mut().map(async |clerk| {
        let mut granted = 0;
        for _ in 0..4 {
            let verdict = clerk.claim(&round, &claim_id(), &[(0, 2 * PACK), (1, PACK)], "PARTIAL").await;
            assert_ne!(verdict["status"], "not_decided", "{verdict}");
            granted +=
                verdict["lines"].as_array().expect("lines").iter().filter_map(|l| l["granted"].as_i64()).sum::<i64>();
        }
        granted
    }))
    .await;
    assert_eq!(verdicts.iter().sum::<i64>(), 12 * PACK, "sold out to the unit");
    house.until_ordered(12 * PACK).await;
    house.books_are_right().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_back_from_a_lift_hears_what_it_missed_once_and_in_order() {
    let house = House::new().await;
    let (second, base) = house.second_node().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;
    clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
    let seen = clerk.hear("ordered").await["store_seq"].as_i64().expect("a number");
    let (token, mut other) = (clerk.token.clone(), Clerk::new(&house, "m0001").await);
    drop(clerk);
    let ids: Vec<_> = (0..3).map(|_| claim_id()).collect();
    for id in &ids {
        other.claim(&round, id, &[(0, PACK)], "PARTIAL").await;
        other.hear("ordered").await;
    }
    // On the other node: exactly the three that were missed.
    let mut back = Clerk::with_token(&base, &token, json!({"store_seq": seen})).await;
    for (i, id) in (1..).zip(&ids) {
        let missed = back.hear("ordered").await;
        assert_eq!((&missed["store_seq"], &missed["claim_id"]), (&json!(seen + i), &json!(id)));
    }
    second.end().await;
    house.end().await;
}
