//! Systems elsewhere hear of rounds, orders, shipments and receipts: signed, once more when it went wrong, never inside.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK},
    receiver::Receiver,
};
use graborder::app::{self, Roles};
use serde_json::{Value, json};

async fn make(house: &House, admin: &str, url: &str, events: &[&str]) -> (String, String) {
    let said = json!({"url": url, "events": events, "note": "ERP"});
    let (status, body) = house.call(Some(admin), "POST", "/api/v1/webhooks", &said).await;
    assert_eq!(status, 201, "{body}");
    let text = |name: &str| body[name].as_str().expect("a text").to_owned();
    (text("webhook_id"), text("secret"))
}

async fn messages(house: &House, admin: &str, webhook: &str) -> Vec<Value> {
    let list = house.get(admin, &format!("/api/v1/webhooks/{webhook}/messages")).await;
    list["items"].as_array().expect("a list").clone()
}

/// The newest message, once it is as wanted.
async fn message_that(house: &House, admin: &str, webhook: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let ask = async || messages(house, admin, webhook).await.first().cloned().unwrap_or_default();
    house.eventually(ask, wanted).await
}

async fn due_now(house: &House) {
    sqlx::query("update webhook_messages set next_try_at = now() where state = 'waiting'")
        .execute(&house.db.0)
        .await
        .expect("is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_told_from_its_opening_to_the_shelf_signed_and_each_thing_once() {
    let house = House::new().await;
    let admin = house.sign_in("admin").await;
    let (all, part) = (Receiver::start(), Receiver::start());
    let wishes = ["round.*", "order.*", "shipment.*", "receipt.created"];
    let (webhook, secret) = make(&house, &admin, &all.url, &wishes).await;
    make(&house, &admin, &part.url, &["order.created"]).await;
    // A second node that would do the same work, by lease.
    let (second, _) = house.second_node().await;

    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;
    clerk.claim(&round, &claim_id(), &[(0, 2 * PACK)], "PARTIAL").await;
    let order = clerk.hear("ordered").await["orders"][0].clone();
    let told = all.hear(|told| told.event() == "order.created").await;
    let data = &told.json()["data"];
    assert_eq!((&data["order_id"], &data["units"]), (&order["order_id"], &json!(2 * PACK)), "{data}");
    assert_eq!((&data["store_code"], &data["round_id"]), (&json!("0001"), &json!(round.id)), "{data}");
    assert!(told.is_signed_with(&secret));
    assert!(!told.is_signed_with("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));

    let warehouse = house.sign_in("warehouse").await;
    let shipments = house.get(&warehouse, "/api/v1/shipments?state=PLANNED").await;
    let path = format!("/api/v1/shipments/{}", shipments["items"][0]["shipment_id"].as_str().expect("an id"));
    let note = json!({"carrier": "顺丰", "tracking_no": "SF123"});
    for (verb, body) in [("dispatch", &note), ("arrive", &json!({}))] {
        let (status, answer) = house.call(Some(&warehouse), "POST", &format!("{path}/{verb}"), body).await;
        assert_eq!(status, 200, "{answer}");
    }
    let counted = json!({"lines": [{"line_id": round.lines[0], "received": 2 * PACK}]});
    let (status, answer) = house.call(Some(&clerk.token), "POST", &format!("{path}/receive"), &counted).await;
    assert_eq!(status, 200, "{answer}");
    let stop = format!("/api/v1/rounds/{}/stop", round.id);
    house.call(Some(&round.supervisor), "POST", &stop, &json!({"reason": "x"})).await;
    house.until(&round, "CLOSED").await;
    all.hear(|told| told.event() == "round.closed").await;
    all.hear(|told| told.event() == "receipt.created").await;

    let mut events: Vec<String> = all.told().iter().map(super::receiver::Told::event).collect();
    events.sort_unstable();
    let expected = [
        "order.created",
        "receipt.created",
        "round.closed",
        "round.open",
        "round.scheduled",
        "round.settling",
        "round.warming",
        "shipment.arrived",
        "shipment.dispatched",
    ];
    assert_eq!(events, expected);
    assert!(all.told().iter().all(|told| told.is_signed_with(&secret)));
    let mut ids: Vec<String> = all.told().into_iter().map(|told| told.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), expected.len());
    assert_eq!(part.told().len(), 1);
    assert!(messages(&house, &admin, &webhook).await.iter().all(|message| message["state"] == "delivered"));
    second.end().await;
    house.end().await;
    all.end().await;
    part.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_went_wrong_is_tried_again_under_its_id_then_given_up_and_sent_again_by_hand() {
    let house = House::new().await;
    let admin = house.sign_in("admin").await;
    let receiver = Receiver::start();
    let (webhook, first) = make(&house, &admin, &receiver.url, &["round.*"]).await;
    let path = |rest: &str| format!("/api/v1/webhooks/{webhook}{rest}");
    let ping = async || house.call(Some(&admin), "POST", &path("/ping"), &json!({})).await.0;

    receiver.answer(500);
    receiver.answer(302);
    assert_eq!(ping().await, 202);
    let failed = message_that(&house, &admin, &webhook, |message| message["last_status"] == 500).await;
    assert_eq!((&failed["state"], &failed["tries"]), (&json!("waiting"), &json!(1)));
    due_now(&house).await;
    // A redirect is no answer: it is not followed.
    message_that(&house, &admin, &webhook, |message| message["last_status"] == 302).await;
    due_now(&house).await;
    let done = message_that(&house, &admin, &webhook, |message| message["state"] == "delivered").await;
    assert_eq!((&done["tries"], &done["last_status"]), (&json!(3), &json!(204)));
    let told = receiver.told();
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|one| one.id == told[0].id && one.body == told[0].body && one.is_signed_with(&first)));

    // Given up after the last try.
    receiver.answer(503);
    assert_eq!(ping().await, 202);
    message_that(&house, &admin, &webhook, |message| message["last_status"] == 503).await;
    sqlx::query("update webhook_messages set tries = 9 where state = 'waiting'")
        .execute(&house.db.0)
        .await
        .expect("set");
    receiver.answer(503);
    due_now(&house).await;
    let dead = message_that(&house, &admin, &webhook, |message| message["state"] == "dead").await;
    assert_eq!(house.get(&admin, "/api/v1/webhooks").await["items"][0]["dead"], 1);
    let replay = path(&format!("/messages/{}/replay", dead["message_id"].as_str().expect("an id")));
    assert_eq!(house.call(Some(&admin), "POST", &replay, &json!({})).await.0, 202);
    message_that(&house, &admin, &webhook, |message| message["state"] == "delivered").await;

    // A new secret: both sign for a day, then the new one alone.
    let (status, rotated) = house.call(Some(&admin), "POST", &path("/rotate-secret"), &json!({})).await;
    assert_eq!(status, 200, "{rotated}");
    let second = rotated["secret"].as_str().expect("a secret");
    assert_ne!(second, first);
    for (age, both) in [("1 hour", true), ("25 hours", false)] {
        sqlx::query("update webhooks set rotated_at = now() - $1::interval")
            .bind(age)
            .execute(&house.db.0)
            .await
            .expect("set");
        let before = receiver.told().len();
        assert_eq!(ping().await, 202);
        message_that(&house, &admin, &webhook, |message| message["state"] == "delivered").await;
        let told = receiver.told()[before].clone();
        assert_eq!((told.is_signed_with(second), told.is_signed_with(&first)), (true, both));
    }

    // Gone is gone: it is switched off and nothing more is tried.
    receiver.answer(410);
    assert_eq!(ping().await, 202);
    message_that(&house, &admin, &webhook, |message| message["state"] == "dead").await;
    let shown = house.get(&admin, "/api/v1/webhooks").await["items"][0].clone();
    assert_eq!((&shown["enabled"], &shown["disabled_why"]), (&json!(false), &json!("gone")));
    let before = receiver.told().len();
    house.round(json!({})).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(receiver.told().len(), before);

    // Whoever is not there at all is told so too.
    let (status, _) =
        house.call(Some(&admin), "PATCH", &path(""), &json!({"url": "http://127.0.0.1:9/", "enabled": true})).await;
    assert_eq!(status, 200);
    assert_eq!(ping().await, 202);
    let nobody = message_that(&house, &admin, &webhook, |message| message["last_error"].is_string()).await;
    assert_eq!((&nobody["state"], &nobody["last_status"]), (&json!("waiting"), &Value::Null));

    assert_eq!(house.call(Some(&admin), "DELETE", &path(""), &json!({})).await.0, 204);
    assert_eq!(house.call(Some(&admin), "DELETE", &path(""), &json!({})).await.0, 404);
    assert_eq!(house.number("select count(*) from webhook_messages").await, 0);
    let acts = house.get(&admin, "/api/v1/admin-actions").await.to_string();
    for act in ["webhook_made", "webhook_replayed", "webhook_secret_rotated", "webhook_changed", "webhook_removed"] {
        assert!(acts.contains(act), "{act}");
    }
    assert!(!acts.contains("whsec_"));
    house.end().await;
    receiver.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_webhook_leads_inside_unless_the_operator_says_so_and_odd_wishes_are_named() {
    let house = House::new().await;
    let mut settings = house.settings.clone();
    settings.webhooks.allow_private = false;
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let base = format!("http://{}", node.address.expect("an address"));
    let admin = house.sign_in("admin").await;
    let refused = async |said: Value| {
        let request = house.http.post(format!("{base}/api/v1/webhooks")).bearer_auth(&admin).json(&said);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 422, "{said}");
        answer.json::<Value>().await.expect("a problem")["errors"][0]["pointer"].as_str().expect("where").to_owned()
    };
    for url in [
        "http://erp.example/",
        "https://127.0.0.1/",
        "https://[::1]:443/x",
        "https://localhost/",
        "x",
        "https://a:b@c.example/",
    ] {
        assert_eq!(refused(json!({"url": url, "events": ["round.*"]})).await, "/url", "{url}");
    }
    let url = "https://erp.example/hook";
    assert_eq!(refused(json!({"url": url, "events": []})).await, "/events");
    assert_eq!(refused(json!({"url": url, "events": ["round.open", "round.opened"]})).await, "/events/1");
    assert_eq!(refused(json!({"url": url, "events": ["round.*", "round.*"]})).await, "/events/1");
    assert_eq!(house.number("select count(*) from webhooks").await, 0);
    node.end().await;
    house.end().await;
}
