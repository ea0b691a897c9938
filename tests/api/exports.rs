//! Lists as files: who takes which, what stands in them, and that each is in the log before it leaves.

use super::{
    books::{Books, ORDERED},
    world::{Answer, Caller},
};
use actix_web::http::{Method, header};
use calamine::{Data, Reader, Xlsx};
use graborder::{
    auth::doors::{DOORS, Who},
    domain::{
        export::{ExportKind, Terms},
        ids::{ClaimId, RoundId, StoreId},
        role::Role,
    },
};
use serde_json::{Value, json};
use std::io::Cursor;

async fn export(books: &Books, caller: &Caller, body: Value) -> Answer {
    books.world.post(caller, "/exports", body).await
}

/// The same in English.
async fn in_english(books: &Books, caller: &Caller, body: Value) -> Answer {
    let headers = [("accept-language", "en")];
    books.world.send(caller, Method::POST, "/exports", Some(body.to_string().into()), &headers).await
}

/// Heads and rows of a CSV file, read by somebody else's program.
#[track_caller]
fn table(answer: &Answer) -> Vec<Vec<String>> {
    assert!(answer.status.is_success() && answer.is_whole, "{}: {}", answer.status, answer.text);
    let text = answer.text.strip_prefix('\u{feff}').expect("Excel needs the byte order mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.expect("reads").iter().map(str::to_owned).collect()).collect()
}

fn column(rows: &[Vec<String>], head: &str) -> Vec<String> {
    let place = rows[0].iter().position(|one| one == head).unwrap_or_else(|| panic!("no {head}: {:?}", rows[0]));
    rows[1..].iter().map(|row| row[place].clone()).collect()
}

async fn logged(books: &Books) -> Vec<Value> {
    let acts = books.world.get(&books.admin, "/admin-actions").await.ok();
    let acts = acts["items"].as_array().expect("is a list").clone();
    acts.into_iter().filter(|act| act["on_kind"] == "export").collect()
}

async fn run(books: &Books, sql: &'static str) {
    sqlx::query(sql).execute(&books.world.db.0).await.expect(sql);
}

fn door_of(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Orders => "/orders",
        ExportKind::Shipments => "/shipments",
        ExportKind::Stock => "/stock",
        ExportKind::Stores => "/stores",
        ExportKind::Skus => "/skus",
        ExportKind::RoundResults => "/rounds/{round_id}",
    }
}

#[actix_web::test]
async fn each_role_takes_the_lists_that_it_sees_and_says_why_where_it_is_more_than_its_own() {
    let books = Books::open().await;
    let order = books.order().await;
    for kind in ExportKind::ALL {
        let door = DOORS.iter().find(|door| (door.method, door.path) == ("GET", door_of(kind))).expect("a door");
        for (role, caller) in books.everybody() {
            let mut body = json!({"kind": kind, "format": "csv"});
            if kind == ExportKind::RoundResults {
                body["round_id"] = json!(order.round);
            }
            let before = logged(&books).await.len();
            let silent = export(&books, caller, body.clone()).await;
            match kind.terms_of(role) {
                None => drop(silent.problem(403, "not_allowed")),
                Some(Terms::Own) => drop(table(&silent)),
                Some(Terms::WithReason) => {
                    assert_eq!(silent.problem(422, "invalid")["errors"][0]["pointer"], "/reason", "{role:?} {kind:?}");
                }
            }
            body["reason"] = json!("盘点");
            let with_reason = export(&books, caller, body).await;
            let takes = kind.terms_of(role).is_some();
            assert_eq!(with_reason.status.is_success(), takes, "{role:?} {kind:?}: {}", with_reason.text);
            let times = if !takes { 0 } else { 1 + usize::from(kind.terms_of(role) == Some(Terms::Own)) };
            assert_eq!(logged(&books).await.len() - before, times, "what was refused is no export");
            assert!(!takes || matches!(door.who, Who::These(roles) if roles.contains(&role)), "{role:?} {kind:?}");
            assert!(!takes || role != Role::StoreStaff);
        }
    }
}

#[actix_web::test]
async fn an_order_is_a_row_a_line_with_heads_in_the_readers_language() {
    let books = Books::open().await;
    let order = books.order().await;
    run(&books, "update orders set ordered_at = '2026-11-22T02:00:00.123456Z'").await;
    let answer = export(&books, &books.manager, json!({"kind": "orders", "format": "csv"})).await;
    let rows = table(&answer);
    assert_eq!(column(&rows, "订单号"), [format!("RO-{}", order.id), format!("RO-{}", order.id)]);
    assert_eq!(column(&rows, "状态"), ["已确认", "已确认"]);
    assert_eq!(column(&rows, "下单时间"), ["2026-11-22T10:00:00.123+08:00", "2026-11-22T10:00:00.123+08:00"]);
    assert_eq!(column(&rows, "承诺到货日"), ["2026-11-23", "2026-11-23"]);
    assert_eq!(column(&rows, "门店"), ["一号店", "一号店"]);
    assert_eq!(column(&rows, "订货数量"), ORDERED.map(|units| units.to_string()));
    assert_eq!(column(&rows, "单价"), ["1.50", "20.00"]);
    assert_eq!(column(&rows, "订货金额"), ["36.00", "240.00"]);

    let named = |answer: &Answer| answer.headers.get(header::CONTENT_DISPOSITION).expect("is named").clone();
    let name = named(&answer);
    let name = name.to_str().expect("is text");
    // `订单` in percents, and plain letters for programs that do not know them.
    assert!(name.contains("filename*=UTF-8''%E8%AE%A2%E5%8D%95%2D20"), "{name}");
    assert!(name.starts_with("attachment; filename=\"orders-20") && name.ends_with(".csv"), "{name}");
    assert_eq!(answer.headers.get(header::CONTENT_TYPE).expect("is told"), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.headers.get(header::CACHE_CONTROL).expect("is told"), "no-store");

    let english = table(&in_english(&books, &books.manager, json!({"kind": "orders", "format": "csv"})).await);
    assert_eq!((column(&english, "State")[0].as_str(), column(&english, "Price")[1].as_str()), ("Confirmed", "20.00"));
}

#[actix_web::test]
async fn a_workbook_holds_the_same_with_numbers_as_numbers() {
    let books = Books::open().await;
    books.order().await;
    let body = json!({"kind": "orders", "format": "xlsx"});
    let answer = in_english(&books, &books.manager, body).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).expect("is a workbook");
    let sheet = book.worksheet_range_at(0).expect("has a sheet").expect("reads");
    let rows: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
    let place = |head: &str| rows[0].iter().position(|cell| *cell == Data::String(head.to_owned())).expect(head);
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1][place("Ordered")], Data::Float(24.0));
    assert_eq!(rows[2][place("Price")], Data::Float(20.0));
    assert_eq!(rows[2][place("Store")], Data::String("一号店".to_owned()));
    let act = &logged(&books).await[0];
    assert_eq!((&act["after"]["format"], &act["after"]["rows"]), (&json!("xlsx"), &json!(2)));
}

#[actix_web::test]
async fn names_that_begin_like_formulas_are_only_names_in_both_files() {
    const FORMULAS: [&str; 9] = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1+1",
        "\r=1+1",
        "＝HYPERLINK(\"http://evil.example\")",
        "＋1",
        " =1+1, \"quoted\"",
    ];
    let books = Books::open().await;
    for (n, formula) in FORMULAS.iter().enumerate() {
        sqlx::query(
            "insert into skus (id, code, name, category, brand, case_pack, price_cents, barcode)
             values (gen_random_uuid(), 'Z' || $1, $2, $2, $2, 12, 150, $2)",
        )
        .bind(i64::try_from(n).expect("is small"))
        .bind(formula)
        .execute(&books.world.db.0)
        .await
        .expect("is planted");
    }
    let ask = |format: &str| json!({"kind": "skus", "format": format, "reason": "核对", "query": "Z"});
    let rows = table(&export(&books, &books.supervisor, ask("csv")).await);
    for head in ["商品", "品类", "品牌", "条码"] {
        assert_eq!(column(&rows, head), FORMULAS.map(|formula| format!("'{formula}")), "{head}");
    }
    assert_eq!(column(&rows, "标价"), ["1.50"; 9], "a number is no formula");

    let answer = export(&books, &books.supervisor, ask("xlsx")).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes)).expect("is a workbook");
    let sheet = book.worksheet_range_at(0).expect("has a sheet").expect("reads");
    // A workbook says of each cell what it is; line ends are told apart by XML alone.
    let read: Vec<String> = sheet.rows().skip(1).map(|row| row[1].to_string().replace("_x000D_", "\r")).collect();
    assert_eq!(read, FORMULAS);
    assert!(sheet.rows().skip(1).all(|row| matches!(row[1], Data::String(_))));
    let formulas = book.worksheet_formula("Sheet1").expect("reads");
    assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "no cell is a formula");
}

#[actix_web::test]
async fn everybody_takes_the_rows_that_they_see() {
    let books = Books::open().await;
    let (own, foreign) = (books.order().await, books.order_of(books.other_store).await);
    run(&books, "update stores set region = '华北' where code = 'S002'").await;
    let stores = async |caller: &Caller, body: Value| {
        let mut stores = column(&table(&export(&books, caller, body).await), "门店号");
        stores.dedup();
        stores
    };
    let orders = json!({"kind": "orders", "format": "csv", "reason": "x"});
    assert_eq!(stores(&books.manager, orders.clone()).await, ["S001"]);
    assert_eq!(stores(&books.finance, orders.clone()).await, ["S001", "S002"]);
    sqlx::query("insert into user_regions (user_id, region) values ($1, '华北')")
        .bind(books.supervisor.user_id)
        .execute(&books.world.db.0)
        .await
        .expect("is given a region");
    for kind in ["orders", "shipments", "stores"] {
        let body = json!({"kind": kind, "format": "csv", "reason": "x"});
        assert_eq!(stores(&books.supervisor, body).await, ["S002"], "{kind}");
    }
    let results = |round: RoundId| json!({"kind": "round_results", "format": "csv", "reason": "x", "round_id": round});
    assert_eq!(stores(&books.supervisor, results(own.round)).await, ["S002"]);
    assert_eq!(stores(&books.manager, results(own.round)).await, ["S001"]);
    assert_eq!(stores(&books.admin, results(own.round)).await, ["S001", "S002"]);

    let narrowed = |name: &str, value: Value| {
        let mut body = orders.clone();
        body[name] = value;
        body
    };
    assert_eq!(stores(&books.finance, narrowed("round_id", json!(foreign.round))).await, ["S002"]);
    assert_eq!(stores(&books.finance, narrowed("store_id", json!(books.store))).await, ["S001"]);
    assert!(stores(&books.finance, narrowed("state", json!("CANCELLED"))).await.is_empty());
    assert!(stores(&books.finance, narrowed("to", json!("2026-01-01T00:00:00Z"))).await.is_empty());

    let before = logged(&books).await.len();
    let refused = async |caller: &Caller, body: Value| {
        export(&books, caller, body).await.problem(404, "not_found");
    };
    refused(&books.manager, narrowed("store_id", json!(books.other_store))).await;
    refused(&books.supervisor, narrowed("store_id", json!(books.store))).await;
    refused(&books.finance, narrowed("store_id", json!(StoreId::new()))).await;
    refused(&books.finance, narrowed("round_id", json!(RoundId::new()))).await;
    refused(&books.admin, results(RoundId::new())).await;
    let stock = json!({"kind": "stock", "format": "csv", "reason": "x", "warehouse_id": RoundId::new()});
    refused(&books.clerk, stock).await;
    run(&books, "delete from invitation_lines where store_id = (select id from stores where code = 'S001')").await;
    run(&books, "delete from invitations where store_id = (select id from stores where code = 'S001')").await;
    refused(&books.manager, results(foreign.round)).await;
    assert_eq!(logged(&books).await.len(), before);
}

#[actix_web::test]
async fn a_filter_that_does_not_fit_is_refused() {
    let books = Books::open().await;
    for (body, pointer) in [
        (json!({"kind": "skus", "round_id": RoundId::new()}), "/round_id"),
        (json!({"kind": "stores", "state": "APPROVED"}), "/state"),
        (json!({"kind": "orders", "query": "x"}), "/query"),
        (json!({"kind": "orders", "state": "PLANNED"}), "/state"),
        (json!({"kind": "orders", "state": "APPROVED,SHIPPED"}), "/state"),
        (json!({"kind": "orders", "from": "1999-01-01T00:00:00Z"}), "/from"),
        (json!({"kind": "round_results"}), "/round_id"),
        (json!({"kind": "secrets"}), "/kind"),
    ] {
        let mut body = body;
        body["format"] = json!("csv");
        body["reason"] = json!("x");
        let problem = export(&books, &books.admin, body.clone()).await.problem(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let several = json!({"kind": "shipments", "format": "csv", "reason": "x", "state": "PLANNED,DISPATCHED"});
    table(&export(&books, &books.clerk, several).await);
    assert_eq!(logged(&books).await.len(), 1);
}

#[actix_web::test]
async fn the_results_of_a_round_say_of_each_store_what_it_needed_asked_for_and_got() {
    let books = Books::open().await;
    let order = books.order().await;
    let [line, _] = order.lines;
    let id = books.store;
    for (claim, status, code, asked, granted) in [
        (1, "won", None, 24, 24),
        (2, "refused", Some("E14"), 36, 0),
        (3, "refused", Some("E14"), 12, 0),
        (4, "refused", Some("E10"), 48, 0),
    ] {
        let verdict = format!("abc|{id}|{id}|P|R||1795312800000|3|{claim}|{line},{asked},{granted},");
        sqlx::query(
            "insert into claims (round_id, claim_id, store_id, user_id, status, code, verdict, granted, decided_at, chain_n)
             values ($1, $2, $3, $4, $5, $6, $7, $8, now(), $9)",
        )
        .bind(order.round)
        .bind(ClaimId::new())
        .bind(id)
        .bind(books.staff.user_id)
        .bind(status)
        .bind(code)
        .bind(verdict)
        .bind(i64::from(granted))
        .bind(i64::from(claim))
        .execute(&books.world.db.0)
        .await
        .expect("is planted");
    }
    run(&books, "update order_lines set cancelled = 12 where ordered = 12").await;
    let body = json!({"kind": "round_results", "format": "csv", "reason": "复盘", "round_id": order.round});
    let rows = table(&in_english(&books, &books.admin, body).await);
    let shown = |head: &str| column(&rows, head);
    assert_eq!(shown("Store code"), ["S001", "S002"]);
    assert_eq!(shown("Need"), ["72", "72"]);
    // The fixture's own win has no readable verdict and was granted 36.
    assert_eq!(
        (shown("Claims"), shown("Asked in all")),
        (vec!["5".into(), "0".into()], vec!["120".into(), "0".into()])
    );
    assert_eq!(
        (shown("Granted"), shown("Cancelled later")),
        (vec!["60".into(), "0".into()], vec!["12".into(), "0".into()])
    );
    assert_eq!(
        (shown("Refused claims"), shown("Reasons")),
        (vec!["3".into(), "0".into()], vec!["E14×2 E10×1".into(), String::new()])
    );
}

#[actix_web::test]
async fn every_export_is_logged_and_one_that_breaks_off_says_so() {
    let books = Books::open().await;
    let body = json!({"kind": "skus", "format": "csv", "reason": "季度盘点", "query": "K"});
    let headers = [("accept-language", "en")];
    let text = Some(body.to_string().into());
    let answer = books.world.send(&books.finance, Method::POST, "/exports", text, &headers).await;
    assert_eq!(column(&table(&answer), "SKU code"), ["K1", "K2"]);
    let act = logged(&books).await.remove(0);
    assert_eq!(
        (&act["action"], &act["by_name"], &act["reason"]),
        (&json!("data_exported"), &json!("finance"), &json!("季度盘点"))
    );
    let told = json!({"kind": "skus", "format": "csv", "filters": {"query": "K"}, "rows": 2});
    assert_eq!(act["after"], told);

    // Counting goes well, reading does not.
    run(&books, "alter table skus rename column brand to maker").await;
    let broken = export(&books, &books.finance, body.clone()).await;
    assert!(broken.status.is_success() && !broken.is_whole, "the file must not look whole");
    let acts = logged(&books).await;
    assert_eq!((&acts[0]["action"], &acts[1]["action"]), (&json!("data_export_failed"), &json!("data_exported")));
    assert_eq!((&acts[0]["on_id"], &acts[0]["after"]), (&acts[1]["on_id"], &json!({"kind": "skus", "rows": 0})));
    // A workbook is made before anything leaves: then nothing left.
    let mut body = body;
    body["format"] = json!("xlsx");
    export(&books, &books.finance, body).await.problem(500, "internal");
    assert_eq!(logged(&books).await.len(), 3);
}

#[actix_web::test]
async fn a_long_list_goes_out_whole_as_text_and_not_into_a_workbook() {
    let books = Books::open().await;
    let mut db = books.world.db.0.acquire().await.expect("connects").detach();
    sqlx::query("set statement_timeout = 0").execute(&mut db).await.expect("patience");
    sqlx::query(
        "insert into skus (id, code, name, category, case_pack, price_cents)
         select gen_random_uuid(), 'L' || lpad(n::text, 6, '0'), '长名单', '饮料', 12, 150 from generate_series(1, 100001) n",
    )
    .execute(&mut db)
    .await
    .expect("is planted");
    let body = |format: &str| json!({"kind": "skus", "format": format, "reason": "x", "query": "L"});
    let problem = export(&books, &books.admin, body("xlsx")).await.problem(422, "too_many_rows");
    assert!(problem["detail"].as_str().expect("is told").contains("CSV"));
    assert!(logged(&books).await.is_empty(), "nothing left");
    let rows = table(&export(&books, &books.admin, body("csv")).await);
    let codes = column(&rows, "商品号");
    assert_eq!((codes.len(), codes[0].as_str(), codes[100_000].as_str()), (100_001, "L000001", "L100001"));
    assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "no row twice, none left out");
    assert_eq!(logged(&books).await[0]["after"]["rows"], 100_001);
}
