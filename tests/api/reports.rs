//! Key figures and the report of a round, against books whose figures can be counted by hand.

use super::{
    books::{Books, ORDERED},
    world::Caller,
};
use graborder::{
    domain::ids::{ClaimId, LineId, RoundId, StoreId},
    storage::kpis,
};
use serde_json::{Value, json};

const PERIOD: &str = "from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z";

async fn run(books: &Books, sql: &'static str) {
    sqlx::query(sql).execute(&books.world.db.0).await.expect("is done");
}

/// The part and the whole of a figure.
fn figure(answer: &Value, name: &str, key: &str) -> (Value, Value) {
    let kpis = answer["kpis"].as_array().expect("a list");
    let kpi = kpis.iter().find(|kpi| kpi["name"] == name).unwrap_or_else(|| panic!("{name} is shown"));
    let figures = kpi["figures"].as_array().expect("a list");
    let found =
        figures.iter().find(|figure| figure["key"] == key).unwrap_or_else(|| panic!("{name} {key}: {figures:?}"));
    (found["part"].clone(), found["whole"].clone())
}

fn pair(part: i64, whole: i64) -> (Value, Value) {
    (json!(part), json!(whole))
}

/// A refused claim, as the writer leaves it.
async fn refused(books: &Books, round: RoundId, store: StoreId, line: LineId, code: &str, n: i64) {
    let verdict = format!("hash|{store}|{store}|P|R|{code}|0|1|{n}|{line},24,0,{code}");
    sqlx::query(
        "insert into claims (round_id, claim_id, store_id, user_id, status, code, verdict, granted, decided_at, chain_n)
         values ($1, $2, $3, $3, 'refused', $4, $5, 0, '2026-11-22T02:00:01Z', $6)",
    )
    .bind(round)
    .bind(ClaimId::new())
    .bind(store)
    .bind(code)
    .bind(verdict)
    .bind(n)
    .execute(&books.world.db.0)
    .await
    .expect("is inserted");
}

#[actix_web::test]
async fn the_figures_of_a_small_round_are_those_that_one_counts_by_hand() {
    let books = Books::open().await;
    // One store wins 24 + 12 units of 36 + 36 that it needs; the other is refused once fairly, once as a stranger.
    let order = books.order().await;
    let line = order.lines[0];
    refused(&books, order.round, books.other_store, line, "E14", 2).await;
    refused(&books, order.round, books.other_store, line, "E04", 3).await;
    run(&books, "update claims set decided_at = '2026-11-22T02:00:00.500Z' where status = 'won'").await;
    run(&books, "update orders set ordered_at = '2026-11-22T02:00:00.750Z'").await;
    run(&books, "update order_lines set shipped = ordered, received = case when ordered = 24 then 24 else 11 end")
        .await;
    run(
        &books,
        "update shipments set state = 'RECEIVED_WITH_DIFFERENCE', dispatched_at = '2026-11-22T03:00:00.750Z',
                received_at = '2026-11-23T15:59:59Z'",
    )
    .await;
    let world = &books.world;
    let report = world.get(&books.supervisor, &format!("/rounds/{}/report", order.round)).await.ok();
    let period = world.get(&books.supervisor, &format!("/kpis?{PERIOD}")).await.ok();
    for answer in [&report, &period] {
        assert_eq!(figure(answer, "grab_success_rate", ""), pair(1, 2), "a stranger's claim does not count");
        assert_eq!(figure(answer, "participation_rate", ""), pair(2, 2));
        assert_eq!(figure(answer, "no_show_rate", ""), pair(0, 1));
        assert_eq!(figure(answer, "fill_rate", ""), pair(36, 4 * 36));
        assert_eq!(figure(answer, "order_fill_rate", ""), pair(36, 36));
        assert_eq!(figure(answer, "over_allocation", ""), pair(0, 36));
        assert_eq!(figure(answer, "sell_through", ""), pair(0, 0), "nothing is closed yet");
        assert_eq!(figure(answer, "aov", ""), pair(24 * 150 + 12 * 2_000, 1));
        assert_eq!(figure(answer, "reconciliation_difference", ""), pair(0, 1));
        // 24 of the 48 offered went at once: half of one line, nothing else.
        // Decided 0.5 s after the full second, opened 0.123456 s after it.
        assert_eq!(figure(answer, "time_to_sell_out", "t50").0, 376);
        assert_eq!(figure(answer, "time_to_sell_out", "sell_out").0, json!(null));
        assert_eq!(figure(answer, "cycle_times", "win_to_order.p50"), pair(250, 1));
        assert_eq!(figure(answer, "cycle_times", "order_to_dispatch.p95"), pair(3_600_000, 1));
        // The promised day ends at 16:00 by UTC.
        assert_eq!(figure(answer, "on_time_rate", ""), pair(1, 1));
        assert_eq!(figure(answer, "in_full_rate", ""), pair(1, 2));
        assert_eq!(figure(answer, "otif", ""), pair(1, 2));
        assert_eq!(figure(answer, "discrepancy_rate", ""), pair(0, 0));
        // One store has half, the other nothing: (½)² ÷ (2 · ¼), and 2 · 2 · ½ ÷ (2 · ½) − 3/2.
        assert_eq!(figure(answer, "jain", ""), pair(500_000, 1_000_000));
        assert_eq!(figure(answer, "gini", ""), pair(500_000, 1_000_000));
    }
    assert_eq!(figure(&period, "win_rate", "S001"), pair(1, 1));
    assert_eq!(figure(&period, "win_rate", "S002"), pair(0, 1));
    let before = world.get(&books.supervisor, "/kpis?from=2026-10-01T00:00:00Z&to=2026-11-01T00:00:00Z").await.ok();
    assert_eq!(figure(&before, "grab_success_rate", ""), pair(0, 0));
    assert_eq!(figure(&before, "on_time_rate", ""), pair(0, 0));

    run(&books, "update shipments set received_at = '2026-11-23T16:00:00Z'").await;
    run(&books, "update offer_lines set granted = granted - 1 where line_no = 1").await;
    let late = world.get(&books.supervisor, &format!("/kpis?{PERIOD}")).await.ok();
    assert_eq!((figure(&late, "on_time_rate", ""), figure(&late, "otif", "")), (pair(0, 1), pair(0, 2)));
    assert_eq!(figure(&late, "reconciliation_difference", ""), pair(1, 1), "a lost unit is seen");
}

#[actix_web::test]
async fn a_report_says_who_got_what_and_why() {
    let books = Books::open().await;
    let order = books.order().await;
    refused(&books, order.round, books.other_store, order.lines[1], "E14", 2).await;
    refused(&books, order.round, books.other_store, order.lines[1], "E14", 3).await;
    sqlx::query(
        "insert into round_intents (round_id, intent_no, intent, reason, by_user, outcome)
         values ($1, 1, '{\"kind\": \"pause\"}', '华东断网', $2, 'applied'), ($1, 2, '{\"kind\": \"open\"}', '', null, 'applied')",
    )
    .bind(order.round)
    .bind(books.supervisor.user_id)
    .execute(&books.world.db.0)
    .await
    .expect("is inserted");
    let world = &books.world;
    let path = format!("/rounds/{}/report", order.round);
    let report = world.get(&books.supervisor, &path).await.ok();
    assert_eq!((&report["round"]["claims"], &report["round"]["invited_stores"]), (&json!(3), &json!(2)));
    let store = |i: usize| {
        let store = &report["stores"][i];
        ["need_units", "asked_units", "granted_units", "claims"].map(|name| store[name].as_i64().expect("a figure"))
    };
    assert_eq!(report["stores"][0]["code"], "S001");
    assert_eq!(store(0)[2..], [36, 1]);
    assert_eq!(store(1), [72, 48, 0, 2]);
    assert_eq!(report["stores"][1]["reasons"], json!({"E14": 2}));
    assert_eq!(report["refusals"], json!([{"code": "E14", "claims": 2, "stores": 1}]));
    let interventions = report["interventions"].as_array().expect("a list");
    assert_eq!(interventions.len(), 1, "the clock's own opening is none");
    assert_eq!((&interventions[0]["kind"], &interventions[0]["reason"]), (&json!("pause"), &json!("华东断网")));
    assert_eq!(interventions[0]["by"], "supervisor (supervisor)");
    for (i, units) in ORDERED.into_iter().enumerate() {
        let line = &report["lines"][i];
        assert_eq!((&line["offered_units"], &line["granted_units"]), (&json!(48), &json!(units)));
        assert_eq!(line["curve"][0]["won_units"], units);
    }
    // A supervisor of another region sees the round and none of these stores.
    sqlx::query("insert into user_regions (user_id, region) values ($1, '华北')")
        .bind(books.supervisor.user_id)
        .execute(&world.db.0)
        .await
        .expect("has a region");
    let elsewhere = world.get(&books.supervisor, &path).await.ok();
    assert_eq!(elsewhere["stores"], json!([]));
    assert_eq!(figure(&elsewhere, "fill_rate", ""), pair(0, 0));
    run(&books, "update rounds set state = 'DRAFT'").await;
    world.get(&books.admin, &path).await.problem(404, "not_found");
}

#[actix_web::test]
async fn vector_h_one_store_full_two_half_and_one_with_nothing() {
    let books = Books::open().await;
    let (round, [line, _]) = books.round().await;
    let mut stores = vec![books.store, books.other_store];
    for code in ["S003", "S004"] {
        let id = StoreId::new();
        sqlx::query(
            "with s as (insert into stores (id, code, name, region, pool_id, credit_limit_cents, dock_units_per_day)
                        values ($1, $2, $2, '华北', 'main', 0, 0))
             insert into invitations (round_id, store_id, dock_units, credit_limit_cents) values ($3, $1, 0, 0)",
        )
        .bind(id)
        .bind(code)
        .bind(round)
        .execute(&books.world.db.0)
        .await
        .expect("is invited");
        stores.push(id);
    }
    run(&books, "delete from invitation_lines").await;
    for (i, (store, won)) in stores.into_iter().zip([12_i64, 6, 6, 0]).enumerate() {
        sqlx::query(
            "insert into invitation_lines (line_id, store_id, round_id, listed, net, target, need, ads_milli, need_cap)
             values ($1, $2, $3, true, 0, 12, 12, 0, 12)",
        )
        .bind(line)
        .bind(store)
        .bind(round)
        .execute(&books.world.db.0)
        .await
        .expect("needs a dozen");
        if won == 0 {
            refused(&books, round, store, line, "E14", 10).await;
            continue;
        }
        sqlx::query(
            "with c as (insert into claims (round_id, claim_id, store_id, user_id, status, verdict, granted, decided_at, chain_n)
                        values ($1, $2, $3, $3, 'won', '-', $5, now(), $6)),
                  o as (insert into orders (id, order_no, round_id, claim_id, store_id, warehouse_id, state, promised_date,
                                            units, total_cents)
                        values ($2, $2::text, $1, $2, $3, $7, 'APPROVED', '2026-11-23', $5, 0))
             insert into order_lines (order_id, line_id, sku_id, ordered, price_cents) values ($2, $4, $8, $5, 0)",
        )
        .bind(round)
        .bind(ClaimId::new())
        .bind(store)
        .bind(line)
        .bind(won)
        .bind(i as i64 + 1)
        .bind(books.warehouse)
        .bind(books.skus[0])
        .execute(&books.world.db.0)
        .await
        .expect("wins");
    }
    let report = books.world.get(&books.supervisor, &format!("/rounds/{round}/report")).await.ok();
    let rounded = |name| {
        let (part, whole) = figure(&report, name, "");
        // To four digits, as the vector is stated.
        (part.as_i64().expect("a figure") * 10_000 + 500_000) / whole.as_i64().expect("a figure")
    };
    assert_eq!((rounded("jain"), rounded("gini")), (6_667, 3_750));
}

#[actix_web::test]
async fn everybody_reads_only_the_figures_that_concern_them() {
    let books = Books::open().await;
    let own = books.order().await;
    books.order_of(books.other_store).await;
    let world = &books.world;
    let names = async |caller: &Caller| -> Vec<String> {
        let answer = world.get(caller, &format!("/kpis?{PERIOD}")).await.ok();
        let kpis = answer["kpis"].as_array().expect("a list").clone();
        kpis.iter().map(|kpi| kpi["name"].as_str().expect("a name").to_owned()).collect()
    };
    let all: Vec<_> = kpis::all().map(|kpi| kpi.name.to_owned()).collect();
    assert_eq!(names(&books.supervisor).await, all);
    assert_eq!(names(&books.admin).await, all);
    assert_eq!(names(&books.finance).await, ["aov", "reconciliation_difference"]);
    assert_eq!(names(&books.clerk).await[0], "order_fill_rate");
    assert!(!names(&books.staff).await.contains(&"jain".to_owned()));

    let card = world.get(&books.manager, &format!("/kpis?{PERIOD}")).await.ok();
    assert_eq!(figure(&card, "aov", "").1, 1, "the own order alone");
    assert_eq!(card["kpis"][1]["figures"].as_array().map(Vec::len), Some(1));
    let chain = world.get(&books.admin, &format!("/kpis?{PERIOD}")).await.ok();
    assert_eq!(figure(&chain, "aov", "").1, 2);
    world.get(&books.manager, &format!("/rounds/{}/report", own.round)).await.problem(403, "not_allowed");
    for odd in [
        "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
        "from=2025-11-01T00:00:00Z&to=2026-11-03T00:00:00Z",
        "from=yesterday",
        "from=0001-01-01T00:00:00Z",
        "nothing=1",
    ] {
        world.get(&books.admin, &format!("/kpis?{odd}")).await.problem(422, "invalid");
    }
}

#[test]
fn the_document_says_what_the_code_does() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kpi.md");
    let text = std::fs::read_to_string(path).expect("docs/kpi.md");
    let table = text.split("<!-- kpis:begin -->\n").nth(1).and_then(|rest| rest.split("<!-- kpis:end -->").next());
    assert_eq!(table, Some(kpis::document().as_str()));
    for kpi in kpis::all() {
        assert_eq!(kpis::named(kpi.name).map(|found| found.zh), Some(kpi.zh), "one figure a name");
    }
}
