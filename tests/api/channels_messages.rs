//! Messages for people whose page is closed: counted consents, one message for each, and how each ends.

use super::{
    books::Books,
    channels_sign_in::{bind, me, open},
    double::{Double, Mood},
    world::{Answer, Caller},
};
use futures_util::future::join;
use graborder::{
    channels::Step,
    domain::ids::{RoundId, WarehouseId},
};
use serde_json::{Value, json};
use uuid::Uuid;

async fn consent(books: &Books, caller: &Caller, accepted: Value, attempt_id: Uuid) -> Answer {
    books.world.post(caller, "/me/consents", json!({"accepted": accepted, "attempt_id": attempt_id})).await
}

/// Bound to WeChat, with one consent for each message.
async fn reachable(books: &Books, caller: &Caller, openid: &str) {
    assert_eq!(bind(books, caller, "wechat", &me(openid)).await.status.as_u16(), 204);
    consent(books, caller, json!(["round_reminder", "claim_result"]), Uuid::now_v7()).await.ok();
}

/// Reminders and results that are still allowed.
async fn remaining(books: &Books, caller: &Caller) -> [i64; 2] {
    let items = books.world.get(caller, "/me/consents").await.ok()["items"].clone();
    [0, 1].map(|i| items[i]["remaining"].as_i64().expect("a number"))
}

/// A round of both stores that opens in five minutes.
async fn coming_round(books: &Books) -> RoundId {
    let (round, _) = books.round().await;
    sqlx::query("update rounds set state = 'SCHEDULED', opens_at = now() + interval '5 minutes', closes_at = now() + interval '1 hour' where id = $1")
        .bind(round)
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    round
}

async fn run(books: &Books, sql: &'static str) {
    sqlx::query(sql).execute(&books.world.db.0).await.expect("runs");
}

/// State, code and tries of every message, oldest first.
async fn messages(books: &Books) -> Vec<(String, Option<String>, i32)> {
    sqlx::query_as("select state, code, tries from messages order by planned_at, id")
        .fetch_all(&books.world.db.0)
        .await
        .expect("reads")
}

async fn sent(books: &Books, n: usize) {
    assert_eq!(books.world.messenger_step().await, Step::Sent(n));
}

fn to(double: &Double) -> Vec<String> {
    double.play().messages.iter().map(|one| one["touser"].as_str().expect("is a text").to_owned()).collect()
}

#[actix_web::test]
async fn a_tap_counts_once_and_no_more_than_twenty_are_kept() {
    let (books, double) = open().await;
    let (staff, tap) = (&books.staff, Uuid::now_v7());
    assert_eq!(remaining(&books, staff).await, [0, 0]);
    let first = consent(&books, staff, json!(["claim_result"]), tap).await.ok();
    let result = json!({"template": "claim_result", "template_id": "tmpl-result", "remaining": 1});
    assert_eq!(first["items"][1], result);
    assert_eq!(consent(&books, staff, json!(["claim_result"]), tap).await.ok(), first);
    let both = json!(["claim_result", "round_reminder"]);
    let (one, two) =
        join(consent(&books, staff, both.clone(), tap), consent(&books, staff, both, Uuid::now_v7())).await;
    assert!(one.status.is_success() && two.status.is_success());
    assert_eq!(remaining(&books, staff).await, [1, 2]);
    consent(&books, staff, json!(["claim_result", "claim_result"]), Uuid::now_v7()).await.ok();
    assert_eq!(remaining(&books, staff).await, [1, 3], "one template counts once a tap");
    for _ in 0..20 {
        consent(&books, staff, json!(["claim_result"]), Uuid::now_v7()).await.ok();
    }
    assert_eq!(remaining(&books, staff).await, [1, 20]);
    assert_eq!(remaining(&books, &books.manager).await, [0, 0], "nobody else's");
    for wrong in [json!([]), json!(["round_reminder", "claim_result", "claim_result"]), json!(["x"])] {
        consent(&books, staff, wrong, Uuid::now_v7()).await.problem(422, "invalid");
    }
    double.end().await;

    let off = Books::open().await;
    assert_eq!(off.world.get(&off.staff, "/me/consents").await.ok(), json!({"items": []}));
    consent(&off, &off.staff, json!(["claim_result"]), Uuid::now_v7()).await.problem(404, "not_configured");
}

#[actix_web::test]
async fn who_asked_is_reminded_once_before_the_round_opens() {
    let (books, double) = open().await;
    reachable(&books, &books.staff, "li").await;
    // Not asked, not bound, gone, of headquarters.
    bind(&books, &books.manager, "wechat", &me("manager")).await;
    consent(&books, &books.clerk, json!(["round_reminder"]), Uuid::now_v7()).await.ok();
    reachable(&books, &books.supervisor, "chief").await;
    reachable(&books, &books.other_manager, "other").await;
    run(&books, "update users set status = 'disabled' where login = 'other-manager'").await;

    coming_round(&books).await;
    sent(&books, 1).await;
    let told = double.play().messages.clone();
    let opens_at = told[0]["data"]["time2"]["value"].as_str().expect("is a text").to_owned();
    assert!(opens_at.starts_with("20") && opens_at.contains('年') && opens_at.contains(':'), "{opens_at}");
    let wanted = json!({
        "touser": "li",
        "template_id": "tmpl-reminder",
        "page": "pages/rounds/rounds",
        "data": {"thing1": {"value": "周末补货"}, "time2": {"value": opens_at}},
    });
    assert_eq!(told, [wanted]);
    assert_eq!(remaining(&books, &books.staff).await, [0, 1]);
    sent(&books, 0).await;
    // Asking again is for another round.
    consent(&books, &books.staff, json!(["round_reminder"]), Uuid::now_v7()).await.ok();
    sent(&books, 0).await;
    // Two rounds and one consent: one message.
    coming_round(&books).await;
    coming_round(&books).await;
    sent(&books, 1).await;
    sent(&books, 0).await;
    assert_eq!(remaining(&books, &books.staff).await, [0, 1]);
    assert_eq!(to(&double), ["li", "li"]);
    assert_eq!(double.play().tokens_given, 1);
    double.end().await;
}

#[actix_web::test]
async fn a_claim_that_became_orders_is_told_once_to_who_claimed() {
    let (books, double) = open().await;
    // What was ordered before somebody asked is not told.
    books.order().await;
    reachable(&books, &books.staff, "li").await;
    reachable(&books, &books.manager, "manager").await;
    sent(&books, 0).await;
    let order = books.order().await;
    let second = WarehouseId::new();
    sqlx::query("insert into warehouses (id, code, name) values ($1, 'W9', '二仓')")
        .bind(second)
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    sqlx::query(
        "insert into orders (id, order_no, round_id, claim_id, store_id, warehouse_id, state, promised_date, units, total_cents)
         select $1, 'RO-2', round_id, claim_id, store_id, $2, state, promised_date, 6, 0 from orders where id = $3",
    )
    .bind(Uuid::now_v7())
    .bind(second)
    .bind(order.id)
    .execute(&books.world.db.0)
    .await
    .expect("runs");
    sent(&books, 1).await;
    sent(&books, 0).await;
    let told = double.play().messages[0].clone();
    assert_eq!((&told["touser"], &told["template_id"]), (&json!("li"), &json!("tmpl-result")));
    assert!(told.get("page").is_none(), "no page is set");
    assert_eq!(told["data"]["number3"]["value"], "42");
    assert_eq!(told["data"]["character_string1"]["value"], format!("RO-{}", order.id));
    assert_eq!(remaining(&books, &books.staff).await, [1, 0]);
    assert_eq!(remaining(&books, &books.manager).await, [1, 1]);
    double.end().await;
}

#[actix_web::test]
async fn every_message_ends_as_wechat_answers() {
    let (books, double) = open().await;
    reachable(&books, &books.staff, "li").await;
    for _ in 0..4 {
        consent(&books, &books.staff, json!(["round_reminder"]), Uuid::now_v7()).await.ok();
    }
    let end = async |mood, state: &str, code: Option<&str>| {
        run(&books, "delete from messages").await;
        let sends = double.play().sends;
        coming_round(&books).await;
        double.play().moods.push_back(mood);
        sent(&books, 1).await;
        sent(&books, 0).await;
        assert_eq!(messages(&books).await, [(state.to_owned(), code.map(str::to_owned), 1)], "{mood:?}");
        assert_eq!(double.play().sends, sends + 1, "{mood:?}: asked once");
        run(&books, "update rounds set state = 'CANCELLED' where state = 'SCHEDULED'").await;
    };
    end(Mood::Code(47003), "failed", Some("47003")).await;
    end(Mood::Slow, "failed", Some("unknown")).await;
    end(Mood::Garbage, "failed", Some("unknown")).await;
    assert_eq!(remaining(&books, &books.staff).await, [2, 1]);
    // Not allowed any more: nothing of this kind is left.
    end(Mood::Code(43101), "failed", Some("43101")).await;
    assert_eq!(remaining(&books, &books.staff).await, [0, 1]);
    double.end().await;
}

#[actix_web::test]
async fn what_was_certainly_not_sent_is_tried_again_while_it_is_of_use() {
    let (books, double) = open().await;
    reachable(&books, &books.staff, "li").await;
    coming_round(&books).await;
    double.play().moods.extend([Mood::Code(-1), Mood::Code(45009)]);
    for tries in 1..=2 {
        sent(&books, 1).await;
        assert_eq!(messages(&books).await, [("planned".to_owned(), None, tries)]);
        sent(&books, 0).await;
        run(&books, "update messages set not_before = now()").await;
    }
    // No token, nothing sent.
    double.play().token_errcode = -1;
    double.spoil_tokens();
    sent(&books, 1).await;
    assert_eq!(messages(&books).await, [("planned".to_owned(), None, 3)]);
    double.play().token_errcode = 0;
    run(&books, "update messages set not_before = now()").await;
    sent(&books, 1).await;
    assert_eq!(messages(&books).await, [("sent".to_owned(), None, 4)]);
    assert_eq!(to(&double), ["li"]);
    assert_eq!(remaining(&books, &books.staff).await, [0, 1]);

    // After the opening a reminder is worth nothing; nobody was told, so the consent is there again.
    consent(&books, &books.staff, json!(["round_reminder"]), Uuid::now_v7()).await.ok();
    coming_round(&books).await;
    double.play().moods.push_back(Mood::Code(-1));
    sent(&books, 1).await;
    run(&books, "update messages set useful_until = now(), not_before = now() where state = 'planned'").await;
    sent(&books, 0).await;
    assert_eq!(messages(&books).await[1], ("expired".to_owned(), None, 1));
    assert_eq!(remaining(&books, &books.staff).await, [1, 1]);
    // So is one of a round that was called off.
    coming_round(&books).await;
    double.play().moods.push_back(Mood::Code(-1));
    sent(&books, 1).await;
    run(&books, "update rounds set state = 'CANCELLED' where state = 'SCHEDULED'").await;
    run(&books, "update messages set not_before = now() where state = 'planned'").await;
    sent(&books, 0).await;
    assert_eq!(messages(&books).await[2].0, "expired");
    assert_eq!(to(&double), ["li"]);
    double.end().await;
}

#[actix_web::test]
async fn a_message_whose_node_died_under_way_is_not_sent_again() {
    let (books, double) = open().await;
    reachable(&books, &books.staff, "li").await;
    coming_round(&books).await;
    double.play().moods.push_back(Mood::Code(-1));
    sent(&books, 1).await;
    run(&books, "update messages set state = 'sending', begun_at = now() - interval '1 minute'").await;
    sent(&books, 0).await;
    assert_eq!(messages(&books).await[0].0, "sending", "its answer may still come");
    run(&books, "update messages set begun_at = now() - interval '3 minutes'").await;
    sent(&books, 0).await;
    assert_eq!(messages(&books).await, [("failed".to_owned(), Some("unknown".to_owned()), 1)]);
    assert_eq!(double.play().sends, 1);
    double.end().await;
}

#[actix_web::test]
async fn two_who_tell_at_once_tell_nobody_twice() {
    let (books, double) = open().await;
    reachable(&books, &books.staff, "li").await;
    reachable(&books, &books.manager, "manager").await;
    coming_round(&books).await;
    let (one, other) = (books.world.messenger(), books.world.messenger());
    let (first, second) = join(one.step(), other.step()).await;
    let steps = [first.expect("steps"), second.expect("steps")];
    assert!(steps.contains(&Step::Idle) && steps.contains(&Step::Sent(2)), "{steps:?}");
    // A lease that ran out while its holder still works.
    coming_round(&books).await;
    for caller in [&books.staff, &books.manager] {
        consent(&books, caller, json!(["round_reminder"]), Uuid::now_v7()).await.ok();
    }
    run(&books, "delete from leases").await;
    double.play().token_delay_ms = 1_000;
    double.spoil_tokens();
    let late = async {
        // Once the first one has taken both and waits for its token.
        while messages(&books).await.iter().filter(|(state, ..)| state == "sending").count() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        run(&books, "delete from leases").await;
        other.step().await
    };
    let (first, second) = join(one.step(), late).await;
    assert_eq!((first.expect("steps"), second.expect("steps")), (Step::Sent(2), Step::Sent(0)));
    let mut told = to(&double);
    told.sort_unstable();
    assert_eq!(told, ["li", "li", "manager", "manager"]);
    double.end().await;
}

#[actix_web::test]
async fn whoever_unbound_meanwhile_is_not_told() {
    let (books, double) = open().await;
    reachable(&books, &books.staff, "li").await;
    coming_round(&books).await;
    double.play().moods.push_back(Mood::Code(-1));
    sent(&books, 1).await;
    books.world.delete(&books.staff, "/auth/wechat").await;
    run(&books, "update messages set not_before = now()").await;
    sent(&books, 1).await;
    assert_eq!(messages(&books).await, [("failed".to_owned(), Some("unbound".to_owned()), 2)]);
    assert_eq!(double.play().sends, 1);
    double.end().await;
}
