//! From order to shelf: every step's movements, timeline and news, to the unit.

use super::books::{Books, ORDERED, Order};
use serde_json::{Value, json};
use sqlx::Row;

async fn outbox(books: &Books) -> Vec<(Option<Value>, Option<Value>)> {
    let rows = sqlx::query("select event, effect, store_id, store_seq from outbox order by number")
        .fetch_all(&books.world.db.0)
        .await
        .expect("is read");
    rows.iter().map(|row| (row.get("event"), row.get("effect"))).collect()
}

async fn offer_line(books: &Books, order: &Order, line: usize) -> (i64, i64) {
    let row = sqlx::query("select granted, returned from offer_lines where id = $1")
        .bind(order.lines[line])
        .fetch_one(&books.world.db.0)
        .await
        .expect("is read");
    (row.get("granted"), row.get("returned"))
}

fn movements(rows: &[(char, usize, &str, i64, &str)]) -> Vec<(char, usize, String, i64, String)> {
    rows.iter()
        .map(|&(site, sku, bucket, delta, kind)| (site, sku, bucket.to_owned(), delta, kind.to_owned()))
        .collect()
}

/// Each line once, in the order of the offer.
fn lines(order: &Order, figures: [Value; 2]) -> Value {
    let [mut a, mut b] = figures;
    a["line_id"] = json!(order.lines[0]);
    b["line_id"] = json!(order.lines[1]);
    json!([a, b])
}

#[actix_web::test]
async fn an_order_travels_to_the_shelf_with_damaged_and_missing_units() {
    let books = Books::open().await;
    let order = books.order().await;
    let (world, clerk) = (&books.world, &books.clerk);
    let step = |verb: &str| format!("/shipments/{}/{verb}", order.shipment);

    // The warehouse is four short of the second line.
    let body = json!({
        "carrier": "顺丰", "tracking_no": "SF123",
        "lines": lines(&order, [json!({"shipped": 24}), json!({"shipped": 8})]),
    });
    let shipment = world.post(clerk, &step("dispatch"), body).await.ok();
    assert_eq!((&shipment["state"], &shipment["carrier"]), (&json!("DISPATCHED"), &json!("顺丰")));
    assert_eq!(shipment["lines"][1]["cancelled"], 4);
    assert_eq!(
        books.movements("shipment").await,
        movements(&[
            ('W', 0, "allocated", -24, "ISSUE"),
            ('W', 0, "on_hand", -24, "ISSUE"),
            ('W', 1, "allocated", -8, "ISSUE"),
            ('W', 1, "on_hand", -8, "ISSUE"),
            ('W', 1, "allocated", -4, "RELEASE"),
            ('S', 1, "inbound", -4, "RELEASE"),
        ])
    );
    assert_eq!(offer_line(&books, &order, 0).await, (24, 0));
    assert_eq!(offer_line(&books, &order, 1).await, (8, 4));

    world.post(clerk, &step("in-transit"), json!({})).await.ok();
    let arrived = world.post(clerk, &step("arrive"), json!({})).await.ok();
    assert_eq!(arrived["state"], "ARRIVED");

    // Of 24 the store finds 20 good, 3 broken and 1 missing; the second line is all there.
    let body = json!({"lines": lines(&order, [json!({"received": 20, "damaged": 3}), json!({"received": 8})])});
    let received = world.post(&books.staff, &step("receive"), body).await.ok();
    assert_eq!((&received["state"], &received["label"]), (&json!("RECEIVED"), &json!("done")));
    assert_eq!(received["shipment"]["state"], "RECEIVED_WITH_DIFFERENCE");
    assert_eq!((&received["lines"][0]["received"], &received["lines"][0]["damaged"]), (&json!(20), &json!(3)));
    assert_eq!(
        books.movements("receipt").await,
        movements(&[
            ('S', 0, "inbound", -20, "TRANSFER_IN"),
            ('S', 0, "on_hand", 20, "TRANSFER_IN"),
            ('S', 0, "inbound", -3, "TRANSFER_IN"),
            ('S', 0, "on_hand", 3, "TRANSFER_IN"),
            ('S', 0, "on_hand", -3, "SCRAP"),
            ('S', 0, "inbound", -1, "COUNT_LOSS"),
            ('S', 1, "inbound", -8, "TRANSFER_IN"),
            ('S', 1, "on_hand", 8, "TRANSFER_IN"),
        ])
    );
    books.assert_stock_is_its_movements().await;
    let inbound: i64 = sqlx::query_scalar("select sum(inbound)::bigint from stock_levels")
        .fetch_one(&world.db.0)
        .await
        .expect("reads");
    assert_eq!(inbound, 0);

    let timeline: Vec<_> =
        received["timeline"].as_array().expect("is a list").iter().map(|step| step["what"].clone()).collect();
    assert_eq!(timeline, ["ORDERED", "DISPATCHED", "IN_TRANSIT", "ARRIVED", "RECEIVED_WITH_DIFFERENCE"]);
    assert_eq!(received["timeline"][1]["note"], "顺丰 SF123");
    let at = received["timeline"][1]["at"].as_str().expect("is a time");
    assert!(at.len() == 24 && at.ends_with('Z'), "milliseconds in UTC: {at}");
    let reasons: Vec<Option<String>> = sqlx::query_scalar("select reason from receipt_lines order by line_id")
        .fetch_all(&world.db.0)
        .await
        .expect("reads");
    assert_eq!(reasons, [Some("missing".to_owned()), None]);

    // The store heard of every step, and the units that were not shipped are an effect.
    let rows = outbox(&books).await;
    let told: Vec<_> =
        rows.iter().filter_map(|(event, _)| event.as_ref()).map(|event| event["shipment_state"].clone()).collect();
    assert_eq!(told, ["DISPATCHED", "IN_TRANSIT", "ARRIVED", "RECEIVED_WITH_DIFFERENCE"]);
    let effects: Vec<_> = rows.iter().filter_map(|(_, effect)| effect.clone()).collect();
    let released = json!({
        "effect": "release", "round_id": order.round, "store_id": books.store,
        "day": "2026-11-22", "period": "2026-11-19", "dock_day": "2026-11-23", "credit_cents": 8_000,
        "lines": [{"line_id": order.lines[1], "units": 4}],
    });
    assert_eq!(effects, [released]);
    let list = world.get(&books.manager, "/orders").await.ok();
    assert_eq!(list["store_seq"], 4);
}

#[actix_web::test]
async fn a_clean_receipt_needs_no_reason_and_no_press_on_arrived() {
    let books = Books::open().await;
    let order = books.order().await;
    let step = |verb: &str| format!("/shipments/{}/{verb}", order.shipment);
    books.world.post(&books.clerk, &step("dispatch"), json!({"carrier": "x", "tracking_no": "1"})).await.ok();
    let body = json!({"lines": lines(&order, ORDERED.map(|units| json!({"received": units})))});
    let received = books.world.post(&books.manager, &step("receive"), body).await.ok();
    assert_eq!(received["shipment"]["state"], "RECEIVED");
    books.assert_stock_is_its_movements().await;
}

#[actix_web::test]
async fn a_cancelled_order_gives_its_units_back_and_is_told() {
    let books = Books::open().await;
    let order = books.order().await;
    let path = format!("/orders/{}/cancel", order.id);
    // While the round runs a store could win and cancel until nothing is left for anybody.
    let early =
        books.world.post(&books.manager, &path, json!({"reason": "门店装修"})).await.problem(409, "wrong_state");
    assert!(early["detail"].as_str().is_some_and(|text| text.contains("结束后再取消")), "{early}");
    sqlx::query("update rounds set state = 'SETTLING'").execute(&books.world.db.0).await.expect("runs");
    let cancelled = books.world.post(&books.manager, &path, json!({"reason": "门店装修"})).await.ok();
    assert_eq!((&cancelled["state"], &cancelled["shipment"]["state"]), (&json!("CANCELLED"), &json!("CANCELLED")));
    assert_eq!(cancelled["timeline"][1]["note"], "门店装修");
    assert_eq!(
        books.movements("order").await,
        movements(&[
            ('W', 0, "allocated", -24, "RELEASE"),
            ('S', 0, "inbound", -24, "RELEASE"),
            ('W', 1, "allocated", -12, "RELEASE"),
            ('S', 1, "inbound", -12, "RELEASE"),
        ])
    );
    for (line, units) in ORDERED.iter().enumerate() {
        assert_eq!(offer_line(&books, &order, line).await, (0, *units));
    }
    books.assert_stock_is_its_movements().await;
    let rows = outbox(&books).await;
    assert_eq!(rows[0].0.as_ref().map(|event| event["state"].clone()), Some(json!("CANCELLED")));
    let effect = rows[1].1.as_ref().expect("is an effect");
    assert_eq!((&effect["credit_cents"], &effect["lines"][0]["units"]), (&json!(24 * 150 + 12 * 2_000), &json!(24)));

    // Saying it again changes nothing; dispatching it is too late.
    let before = books.digest().await;
    books.world.post(&books.supervisor, &path, json!({"reason": "again"})).await.ok();
    let dispatch = json!({"carrier": "x", "tracking_no": "1"});
    let path = format!("/shipments/{}/dispatch", order.shipment);
    books.world.post(&books.clerk, &path, dispatch).await.problem(409, "wrong_state");
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn a_step_said_twice_is_done_once_and_said_differently_is_refused() {
    let books = Books::open().await;
    let order = books.order().await;
    let (world, clerk) = (&books.world, &books.clerk);
    let step = |verb: &str| format!("/shipments/{}/{verb}", order.shipment);

    let dispatch = json!({"carrier": "x", "tracking_no": "1"});
    let first = world.post(clerk, &step("dispatch"), dispatch.clone()).await.ok();
    world.post(clerk, &step("in-transit"), json!({})).await.ok();
    let counts = json!({"lines": lines(&order, [json!({"received": 23, "reason": "wrong"}), json!({"received": 12})])});
    let receipt = world.post(&books.staff, &step("receive"), counts.clone()).await.ok();

    let before = books.digest().await;
    let again = world.post(clerk, &step("dispatch"), dispatch).await.ok();
    assert_eq!(again["lines"], receipt["lines"]);
    assert_ne!(first["state"], again["state"], "it tells where the shipment is now");
    assert_eq!(world.post(&books.staff, &step("receive"), counts).await.ok(), receipt);
    let other = json!({"carrier": "y", "tracking_no": "1"});
    world.post(clerk, &step("dispatch"), other).await.problem(409, "already_done");
    for other in
        [json!({"received": 22, "reason": "wrong"}), json!({"received": 23}), json!({"received": 23, "damaged": 1})]
    {
        let counts = json!({"lines": lines(&order, [other, json!({"received": 12})])});
        world.post(&books.staff, &step("receive"), counts).await.problem(409, "already_done");
    }
    world.post(clerk, &step("in-transit"), json!({})).await.problem(409, "wrong_state");
    world.post(clerk, &step("arrive"), json!({})).await.problem(409, "wrong_state");
    let cancel = format!("/orders/{}/cancel", order.id);
    let late = world.post(&books.manager, &cancel, json!({"reason": "late"})).await.problem(409, "wrong_state");
    assert!(late["detail"].as_str().is_some_and(|text| text.contains("已收货")));
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn nothing_is_received_before_it_was_dispatched() {
    let books = Books::open().await;
    let order = books.order().await;
    let before = books.digest().await;
    let step = |verb: &str| format!("/shipments/{}/{verb}", order.shipment);
    let counts = json!({"lines": lines(&order, [json!({"received": 0}), json!({"received": 0})])});
    books.world.post(&books.staff, &step("receive"), counts).await.problem(409, "wrong_state");
    books.world.post(&books.clerk, &step("in-transit"), json!({})).await.problem(409, "wrong_state");
    books.world.post(&books.clerk, &step("arrive"), json!({})).await.problem(409, "wrong_state");
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn ten_clerks_who_dispatch_at_once_issue_the_stock_once() {
    let books = Books::open().await;
    let order = books.order().await;
    let path = format!("/shipments/{}/dispatch", order.shipment);
    let body = json!({"carrier": "x", "tracking_no": "1"});
    let answers =
        futures_util::future::join_all((0..10).map(|_| books.world.post(&books.clerk, &path, body.clone()))).await;
    for answer in answers {
        assert_eq!(answer.ok()["state"], "DISPATCHED");
    }
    assert_eq!(books.movements("shipment").await.len(), 4);
    assert_eq!(outbox(&books).await.len(), 1);
}

#[actix_web::test]
async fn impossible_figures_are_named_and_change_nothing() {
    let books = Books::open().await;
    let order = books.order().await;
    let (world, clerk) = (&books.world, &books.clerk);
    let dispatch = format!("/shipments/{}/dispatch", order.shipment);
    let [a, b] = order.lines;
    let before = books.digest().await;
    for (said, pointer) in [
        (json!([{"line_id": a, "shipped": 25}, {"line_id": b, "shipped": 12}]), "/lines/0/shipped"),
        (json!([{"line_id": a, "shipped": 24}]), "/lines"),
        (json!([{"line_id": a, "shipped": 1}, {"line_id": a, "shipped": 1}]), "/lines/1/line_id"),
        (json!([{"line_id": a, "shipped": 1}, {"line_id": order.id, "shipped": 1}]), "/lines/1/line_id"),
        (json!([{"line_id": a, "shipped": 0}, {"line_id": b, "shipped": 0}]), "/lines"),
        (json!([{"line_id": a, "shipped": -1}, {"line_id": b, "shipped": 0}]), "/lines/0/shipped"),
    ] {
        let body = json!({"carrier": "x", "tracking_no": "1", "lines": said});
        let problem = world.post(clerk, &dispatch, body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{said}");
    }
    assert_eq!(books.digest().await, before);

    world.post(clerk, &dispatch, json!({"carrier": "x", "tracking_no": "1"})).await.ok();
    let receive = format!("/shipments/{}/receive", order.shipment);
    let before = books.digest().await;
    for (said, pointer) in [
        (json!({"received": 25}), "/lines/0/received"),
        (json!({"received": 20, "damaged": 5}), "/lines/0/damaged"),
        (json!({"received": 24, "reason": "missing"}), "/lines/0/reason"),
        (json!({"received": 20, "damaged": 4, "reason": "missing"}), "/lines/0/reason"),
        (json!({"received": 20, "reason": "damaged"}), "/lines/0/reason"),
        (json!({"received": 20, "reason": "stolen"}), "/lines/0/reason"),
    ] {
        let body = json!({"lines": lines(&order, [said.clone(), json!({"received": 12})])});
        let problem = world.post(&books.staff, &receive, body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{said}");
    }
    assert_eq!(books.digest().await, before);
}
