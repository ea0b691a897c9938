//! Rounds over HTTP as long as they stand in the books alone: drafted, changed, published, called off, seen.

use super::{
    books::Books,
    world::{Answer, Caller},
};
use actix_web::http::{Method, header};
use graborder::domain::ids::RoundId;
use serde_json::{Value, json};

fn draft(books: &Books) -> Value {
    json!({
        "name": "周末补货",
        "opens_at": "2199-01-01T02:00:00Z",
        "closes_at": "2199-01-01T03:00:00Z",
        "lines": [
            {"sku_id": books.skus[0], "warehouse_id": books.warehouse, "pledged": 120, "holdback": 24},
            {"sku_id": books.skus[1], "warehouse_id": books.warehouse, "pledged": 60, "cap_line": 24, "price_cents": 1_900},
        ],
        "stores": [{"store_id": books.store, "offset_ms": 2_000, "cap_round": 60}],
    })
}

fn etag(answer: &Answer) -> String {
    answer.headers.get(header::ETAG).expect("is tagged").to_str().expect("is text").to_owned()
}

async fn change(books: &Books, id: &str, tag: Option<&str>, body: Value) -> Answer {
    let headers: Vec<_> = tag.map(|tag| ("if-match", tag)).into_iter().collect();
    let path = format!("/rounds/{id}");
    books.world.send(&books.supervisor, Method::PATCH, &path, Some(body.to_string().into()), &headers).await
}

async fn drafted(books: &Books) -> (String, Answer) {
    let answer = books.world.post(&books.supervisor, "/rounds", draft(books)).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
    (answer.json()["round_id"].as_str().expect("is an id").to_owned(), answer)
}

#[actix_web::test]
async fn a_draft_is_headquarters_own_until_it_is_published() {
    let books = Books::open().await;
    let (id, answer) = drafted(&books).await;
    let body = answer.json();
    assert_eq!(answer.headers.get(header::LOCATION).expect("is told"), &format!("/api/v1/rounds/{id}"));
    assert_eq!((&body["state"], &body["mode"]), (&json!("DRAFT"), &json!("INSTANT")));
    assert_eq!(
        (&body["offered_units"], &body["line_count"], &body["invited_stores"]),
        (&json!(156), &json!(2), &json!(1))
    );
    assert_eq!((&body["lines"][0]["pack"], &body["lines"][0]["price_cents"]), (&json!(12), &json!(150)));

    let world = &books.world;
    let path = format!("/rounds/{id}");
    world.get(&books.manager, &path).await.problem(404, "not_found");
    assert_eq!(world.get(&books.manager, "/rounds").await.ok()["items"], json!([]));

    let published = world.post(&books.supervisor, &format!("{path}/publish"), json!({})).await.ok();
    assert_eq!(published["state"], "SCHEDULED");
    assert!(published["policy_hash"].as_str().is_some_and(|hash| hash.len() == 64));
    assert_eq!(published["day"], "2199-01-01");
    books.assert_stock_is_its_movements().await;

    let seen = world.get(&books.manager, &path).await.ok();
    assert_eq!(seen["own"]["offset_ms"], 2_000);
    assert!(seen["lines"][0]["own"]["need_units"].is_i64());
    world.get(&books.other_manager, &path).await.problem(404, "not_found");
    let list = world.get(&books.staff, "/rounds?scope=live").await.ok();
    assert_eq!(list["items"][0]["round_id"], id.as_str());
    assert_eq!(world.get(&books.other_manager, "/rounds").await.ok()["items"], json!([]));
    world.post(&books.supervisor, &format!("{path}/publish"), json!({})).await.problem(409, "wrong_state");
}

#[actix_web::test]
async fn a_round_is_seen_with_what_the_store_may_still_take() {
    let books = Books::open().await;
    let order = books.order().await;
    let path = format!("/rounds/{}", order.round);
    let round = books.world.get(&books.manager, &path).await.ok();
    assert_eq!(round["opens_at"], "2026-11-22T02:00:00.123Z");
    assert_eq!(round["opens_at_ms"], 1_795_312_800_123_i64);
    // Of the first line 24 of at most 36 are taken; over the round 36 of 60, so that 24 are left of which 12 fit the need.
    let own = &round["lines"][0]["own"];
    assert_eq!((&own["taken_units"], &own["cap_units"], &own["gate"]), (&json!(24), &json!(12), &json!(41)));
    assert_eq!(round["lines"][0]["left_units"], 60 - 12 - 24);
    // The second line is not listed at the store.
    let own = &round["lines"][1]["own"];
    assert_eq!((&own["listed"], &own["cap_units"]), (&json!(false), &json!(0)));
    assert_eq!((&round["own"]["taken_units"], &round["own"]["cap_round"]), (&json!(36), &json!(60)));
    assert_eq!(round["own"]["credit_left_cents"], 10_000_000 - 24 * 150 - 12 * 2_000);
    assert_eq!((&round["own"]["need_units"], &round["own"]["cap_units"]), (&json!(72), &json!(36)));
    // Another store has taken nothing.
    let other = books.world.get(&books.other_manager, &path).await.ok();
    assert_eq!((&other["own"]["won_units"], &other["lines"][0]["own"]["cap_units"]), (&json!(0), &json!(24)));
    // Headquarters have no part of their own.
    let all = books.world.get(&books.supervisor, &path).await.ok();
    assert!(all.get("own").is_none() && all["lines"][0].get("own").is_none());
    // What is held back is their secret.
    assert_eq!((&all["lines"][0]["pledged"], &all["lines"][0]["holdback"]), (&json!(60), &json!(12)));
    assert!(round["lines"][0].get("holdback").is_none() && round["lines"][0].get("pledged").is_none());
}

#[actix_web::test]
async fn a_round_that_was_read_before_is_not_sent_again() {
    let books = Books::open().await;
    let (round, _) = books.round().await;
    let path = format!("/rounds/{round}");
    let tag = etag(&books.world.get(&books.manager, &path).await);
    let headers = [("if-none-match", tag.as_str())];
    let again = books.world.send(&books.manager, Method::GET, &path, None, &headers).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    sqlx::query("update offer_lines set granted = granted + 12 where round_id = $1 and line_no = 1")
        .bind(round)
        .execute(&books.world.db.0)
        .await
        .expect("runs");
    let changed = books.world.send(&books.manager, Method::GET, &path, None, &headers).await;
    assert_eq!(changed.ok()["lines"][0]["left_units"], 36);
}

#[actix_web::test]
async fn of_two_editors_the_second_reads_again() {
    let books = Books::open().await;
    let (id, answer) = drafted(&books).await;
    let tag = etag(&answer);
    change(&books, &id, None, json!({"name": "x"})).await.problem(428, "if_match_missing");
    for odd in ["*", "\"1\"", "\"1-0\"", "W/\"1-0\""] {
        change(&books, &id, Some(odd), json!({"name": "x"})).await.problem(412, "changed");
    }
    let first = change(&books, &id, Some(&tag), json!({"name": "新名", "stores": "all"})).await;
    assert_eq!((&first.ok()["name"], &first.ok()["invited_stores"]), (&json!("新名"), &json!(2)));
    change(&books, &id, Some(&tag), json!({"name": "别名"})).await.problem(412, "changed");
    change(&books, &id, Some(&etag(&first)), json!({"name": "别名"})).await.ok();
}

#[actix_web::test]
async fn a_round_that_pledges_more_than_there_is_stays_a_draft() {
    let books = Books::open().await;
    let mut body = draft(&books);
    body["lines"][1]["pledged"] = json!(1_001);
    let id = books.world.post(&books.supervisor, "/rounds", body).await.ok()["round_id"].clone();
    let id = id.as_str().expect("is an id");
    let before = books.digest().await;
    let problem = books
        .world
        .post(&books.supervisor, &format!("/rounds/{id}/publish"), json!({}))
        .await
        .problem(409, "not_enough_stock");
    assert_eq!(problem["errors"], json!([{"pointer": "/lines/1/pledged", "detail": "要 1001，可用 1000。"}]));
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn a_published_round_is_called_off_and_its_stock_goes_back() {
    let books = Books::open().await;
    let (id, _) = drafted(&books).await;
    let (world, chief) = (&books.world, &books.supervisor);
    world.post(chief, &format!("/rounds/{id}/publish"), json!({})).await.ok();
    let cancelled = world.post(chief, &format!("/rounds/{id}/cancel"), json!({"reason": "台风"})).await.ok();
    assert_eq!(cancelled["state"], "CANCELLED");
    books.assert_stock_is_its_movements().await;
    let pledged: i64 = sqlx::query_scalar("select sum(pledged)::bigint from stock_levels")
        .fetch_one(&world.db.0)
        .await
        .expect("reads");
    assert_eq!(pledged, 0);
    let past = world.get(&books.manager, "/rounds?scope=past").await.ok();
    assert_eq!(past["items"][0]["state"], "CANCELLED");
    world.post(chief, &format!("/rounds/{id}/cancel"), json!({"reason": "again"})).await.problem(409, "wrong_state");
}

#[actix_web::test]
async fn what_is_wrong_with_a_draft_is_told_all_at_once() {
    let books = Books::open().await;
    let mut body = draft(&books);
    body["closes_at"] = json!("2198-01-01T03:00:00Z");
    body["lines"][0]["pledged"] = json!(0);
    body["lines"][1]["cap_line"] = json!(-1);
    body["stores"][0]["offset_ms"] = json!(3_600_001);
    let before = books.digest().await;
    let problem = books.world.post(&books.supervisor, "/rounds", body).await.problem(422, "invalid");
    let told: Vec<_> =
        problem["errors"].as_array().expect("is a list").iter().map(|error| error["pointer"].clone()).collect();
    for pointer in ["/closes_at", "/lines/0/pledged", "/lines/1/cap_line", "/stores/0/offset_ms"] {
        assert!(told.contains(&json!(pointer)), "{pointer} in {told:?}");
    }
    for (field, value, pointer) in [
        ("name", json!("\u{0}"), "/name"),
        ("name", json!(""), "/name"),
        ("opens_at", json!("-200000-01-01T00:00:00Z"), "/opens_at"),
        ("closes_at", json!("2199-01-01"), "/closes_at"),
        ("stores", json!([]), "/stores"),
        ("stores", json!("some"), "/stores"),
        ("stores", json!([{"store_id": books.skus[0]}]), "/stores/0/store_id"),
        ("lines", json!([]), "/lines"),
        (
            "lines",
            json!([{"sku_id": books.skus[0], "warehouse_id": books.warehouse, "pledged": 1.5}]),
            "/lines/0/pledged",
        ),
        ("policy", json!({"need_percent": -1}), "/policy/need_percent"),
        ("policy", json!({"luck": 1}), "/policy/luck"),
    ] {
        let mut body = draft(&books);
        body[field] = value.clone();
        let problem = books.world.post(&books.supervisor, "/rounds", body).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{field} {value}");
    }
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn a_round_that_is_not_live_is_neither_paused_nor_stopped() {
    let books = Books::open().await;
    let (id, _) = drafted(&books).await;
    let before = books.digest().await;
    let reason = json!({"reason": "x"});
    for verb in ["stop", "resume", "pause"] {
        let answer = books.world.post(&books.admin, &format!("/rounds/{id}/{verb}"), reason.clone()).await;
        assert!([409, 503].contains(&answer.status.as_u16()), "{verb}: {}", answer.text);
    }
    let extend = json!({"reason": "x", "closes_at": "2199-01-02T00:00:00Z"});
    books.world.post(&books.admin, &format!("/rounds/{id}/extend"), extend).await.problem(409, "wrong_state");
    let unknown = RoundId::new();
    books.world.post(&books.admin, &format!("/rounds/{unknown}/stop"), reason.clone()).await.problem(404, "not_found");
    books.world.post(&books.admin, &format!("/rounds/{unknown}/cancel"), reason).await.problem(404, "not_found");
    assert_eq!(books.digest().await, before);
}

#[actix_web::test]
async fn the_board_shows_the_totals_to_headquarters() {
    let books = Books::open().await;
    let order = books.order().await;
    let board = books.world.get(&books.supervisor, &format!("/rounds/{}/board", order.round)).await.ok();
    assert!(board.get("t").is_none());
    assert_eq!((&board["lines"][0]["offered"], &board["lines"][0]["left"]), (&json!(48), &json!(24)));
    assert!(board["version"].is_i64() && board["server_time_ms"].is_i64());
    let unknown = RoundId::new();
    books.world.get(&books.admin, &format!("/rounds/{unknown}/board")).await.problem(404, "not_found");
}

#[actix_web::test]
async fn a_ticket_is_for_whoever_is_signed_in() {
    let books = Books::open().await;
    let ticket = books.world.post(&books.staff, "/ws-tickets", json!({})).await;
    assert_eq!(ticket.status.as_u16(), 201);
    assert!(ticket.json()["ticket"].as_str().is_some_and(|text| text.len() >= 32));
    books.world.post(&Caller::nobody(), "/ws-tickets", json!({})).await.problem(401, "sign_in");
}

#[actix_web::test]
async fn the_node_says_whether_it_is_well() {
    let books = Books::open().await;
    let nobody = Caller::nobody();
    assert_eq!(books.world.get(&nobody, "/healthz").await.ok(), json!({"status": "ok"}));
    let ready = books.world.get(&nobody, "/readyz").await.ok();
    assert_eq!((&ready["redis"], &ready["postgres"], &ready["draining"]), (&json!(true), &json!(true), &json!(false)));
    assert!(books.world.get(&nobody, "/metrics").await.status.is_success());
}
