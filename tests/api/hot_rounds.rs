//! A hot round over HTTP: asked for, seen by headquarters alone, agreed to by somebody else or not.

use super::{
    books::Books,
    world::{Answer, Caller},
};
use actix_web::http::{Method, header};
use graborder::domain::{heat::Thresholds, role::Role};
use serde_json::{Value, json};

/// 120 units at 1.50 less 24 held back, and 60 that cost 20.00: the draft's own 19.00 does not cool it.
const VALUE_CENTS: i64 = 96 * 150 + 60 * 2_000;

fn draft(books: &Books) -> Value {
    json!({
        "name": "周五新品",
        "opens_at": "2199-01-01T02:00:00Z",
        "closes_at": "2199-01-01T03:00:00Z",
        "lines": [
            {"sku_id": books.skus[0], "warehouse_id": books.warehouse, "pledged": 120, "holdback": 24},
            {"sku_id": books.skus[1], "warehouse_id": books.warehouse, "pledged": 60, "price_cents": 1_900},
        ],
        "stores": "all",
    })
}

/// Books where such a round is hot, two supervisors, and the round, for which the first has asked.
async fn asked() -> (Books, Caller, String, Answer) {
    let mut books = Books::open().await;
    books.world.asks_above(Thresholds { value_cents: VALUE_CENTS - 1, scarcity_percent: 0 });
    let second = books.another("second", Role::Supervisor).await;
    let drafted = books.world.post(&books.supervisor, "/rounds", draft(&books)).await.ok();
    let path = format!("/rounds/{}", drafted["round_id"].as_str().expect("is an id"));
    let answer = books.world.post(&books.supervisor, &format!("{path}/publish"), json!({})).await;
    answer.ok();
    (books, second, path, answer)
}

fn steps(round: &Value) -> Vec<(String, String, String)> {
    let text = |step: &Value, name: &str| step[name].as_str().unwrap_or_default().to_owned();
    let history = round["history"].as_array().expect("is told");
    history.iter().map(|step| (text(step, "step"), text(step, "by_name"), text(step, "reason"))).collect()
}

fn step(what: &str, by: &str, why: &str) -> (String, String, String) {
    (what.to_owned(), by.to_owned(), why.to_owned())
}

#[actix_web::test]
async fn headquarters_see_what_makes_a_round_hot_and_stores_see_no_such_round() {
    let (books, second, path, answer) = asked().await;
    let round = answer.json();
    assert_eq!(round["state"], "PENDING_APPROVAL");
    let approval = &round["approval"];
    assert_eq!(approval["asked_by"], json!(books.supervisor.user_id));
    assert_eq!((&approval["asked_by_name"], &approval["edited_by_name"]), (&json!("supervisor"), &json!("supervisor")));
    assert_eq!((&approval["value_cents"], &approval["over"]), (&json!(VALUE_CENTS), &json!(["value"])));
    assert!(approval["scarcity_percent"].is_i64() && approval["asked_at"].is_string());
    assert!(approval.get("approved_by").is_none());

    let world = &books.world;
    for caller in [&second, &books.admin] {
        let list = world.get(caller, "/rounds").await.ok();
        assert_eq!((&list["items"][0]["state"], &list["items"][0]["approval"]), (&json!("PENDING_APPROVAL"), approval));
    }
    world.get(&books.manager, &path).await.problem(404, "not_found");
    assert_eq!(world.get(&books.manager, "/rounds").await.ok()["items"], json!([]));

    let agreed = world.post(&second, &format!("{path}/approve"), json!({"reason": "数量核过"})).await.ok();
    assert_eq!((&agreed["state"], &agreed["approval"]["approved_by_name"]), (&json!("SCHEDULED"), &json!("second")));
    assert_eq!(
        steps(&agreed),
        [step("drafted", "supervisor", ""), step("asked", "supervisor", ""), step("approved", "second", "数量核过")]
    );
    let seen = world.get(&books.manager, &path).await.ok();
    assert!(seen.get("approval").is_none() && seen.get("history").is_none(), "headquarters' own business");
    let list = world.get(&books.manager, "/rounds").await.ok();
    assert!(list["items"][0].get("approval").is_none());

    let acts = world.get(&books.admin, "/admin-actions").await.ok();
    let act = &acts["items"][0];
    assert_eq!((&act["action"], &act["on_kind"]), (&json!("round_approved"), &json!("round")));
    assert_eq!((&act["on_name"], &act["by_name"]), (&json!("周五新品"), &json!("second")));
    assert_eq!((&act["reason"], &act["after"]["value_cents"]), (&json!("数量核过"), &json!(VALUE_CENTS)));
    books.assert_stock_is_its_movements().await;
}

#[actix_web::test]
async fn nobody_agrees_with_themselves_and_nobody_changes_what_waits() {
    let (books, second, path, answer) = asked().await;
    let world = &books.world;
    let before = books.digest().await;
    let approve = format!("{path}/approve");
    let own = world.post(&books.supervisor, &approve, json!({})).await.problem(409, "second_person_needed");
    assert!(own["detail"].as_str().expect("is told").contains("另一位主管"));
    world.post(&books.admin, &approve, json!({})).await.problem(403, "not_allowed");
    world.post(&books.manager, &approve, json!({})).await.problem(403, "not_allowed");
    let tag = answer.headers.get(header::ETAG).expect("is tagged").to_str().expect("is text").to_owned();
    let edit = Some(json!({"name": "x"}).to_string().into());
    let edited = world.send(&second, Method::PATCH, &path, edit, &[("if-match", &tag)]).await;
    assert!(edited.problem(409, "wrong_state")["detail"].as_str().expect("is told").contains("等第二个人批准"));
    for odd in ["*", "\"1-0\""] {
        let sent = world.send(&second, Method::POST, &approve, Some("{}".into()), &[("if-match", odd)]).await;
        sent.problem(412, "changed");
    }
    world.post(&second, &format!("{path}/send-back"), json!({})).await.problem(422, "invalid");
    assert_eq!(books.digest().await, before);
    // Who names what was read approves just that.
    let sent = world.send(&second, Method::POST, &approve, Some("{}".into()), &[("if-match", &tag)]).await;
    assert_eq!(sent.ok()["state"], "SCHEDULED");
}

#[actix_web::test]
async fn a_round_is_sent_back_with_a_reason_withdrawn_or_called_off() {
    let (books, second, path, _) = asked().await;
    let world = &books.world;
    let back = world.post(&second, &format!("{path}/send-back"), json!({"reason": "价格不对"})).await.ok();
    assert_eq!((&back["state"], back.get("approval")), (&json!("DRAFT"), None));
    world.post(&second, &format!("{path}/send-back"), json!({"reason": "again"})).await.problem(409, "wrong_state");
    world.post(&second, &format!("{path}/approve"), json!({})).await.problem(409, "wrong_state");

    world.post(&books.supervisor, &format!("{path}/publish"), json!({})).await.ok();
    let back = world.post(&books.supervisor, &format!("{path}/send-back"), json!({"reason": "手滑"})).await.ok();
    assert_eq!(steps(&back)[2..4], [step("sent_back", "second", "价格不对"), step("asked", "supervisor", "")]);
    assert_eq!(steps(&back)[4], step("withdrawn", "supervisor", "手滑"));

    world.post(&books.supervisor, &format!("{path}/publish"), json!({})).await.ok();
    let off = world.post(&books.admin, &format!("{path}/cancel"), json!({"reason": "台风"})).await.ok();
    assert_eq!((&off["state"], steps(&off).last()), (&json!("CANCELLED"), Some(&step("cancelled", "admin", "台风"))));
    assert_eq!(world.get(&books.manager, "/rounds?scope=past").await.ok()["items"], json!([]));
    let told: i64 = sqlx::query_scalar("select count(*) from outbox").fetch_one(&world.db.0).await.expect("reads");
    assert_eq!(told, 0);
    books.assert_stock_is_its_movements().await;
}
