//! Files into the books and back, kind by kind.

use super::{
    books::Books,
    imports_world::{
        chain, confirm, count, faults, id, read, seen, send, sheet, take_over, undo, verify, workbook, worker,
    },
};
use actix_web::http::Method;
use serde_json::json;

const LINES: &str = "date,store_code,sku,quantity,amount,order_no,line_no\n\
    2026-01-02,S001,K1,24,36.00,INV-1,1\n\
    2026-01-02,S001,K1,-4,-6.00,RINV-2,1\n\
    2026-01-02,S002,K2,6,120.00,INV-3,1\n";

#[actix_web::test]
async fn sales_are_shown_first_taken_over_once_and_taken_back_whole() {
    let books = Books::open().await;
    let (chief, before) = (&books.supervisor, chain(&books).await);
    let answer = send(&books, chief, "kind=sales&name=%E5%91%A8%E4%B8%80.csv", LINES).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text);
    let job = answer.json();
    assert_eq!(
        (&job["state"], &job["name"], &job["already_applied"]),
        (&json!("READING"), &json!("周一.csv"), &json!(false))
    );
    let id = id(&job);
    assert!(worker(&books).step(None).await.expect("works"));
    let job = seen(&books, chief, &id).await;
    let preview = &job["preview"];
    assert_eq!(
        (&job["state"], &preview["rows"], &preview["good"], &preview["bad"], &preview["new"], &preview["warned"]),
        (&json!("PREVIEWED"), &json!(3), &json!(3), &json!(0), &json!(3), &json!(1))
    );
    assert_eq!(preview["form"], json!({"format": "csv", "encoding": "utf-8", "separator": ","}));
    assert_eq!(preview["columns"][4], json!({"letter": "E", "header": "amount"}));
    assert_eq!(preview["columns"][3], json!({"letter": "D", "header": "quantity", "field": "quantity"}));
    assert_eq!(preview["sample"][0]["cells"][5], "INV-1");
    assert_eq!(faults(&books, chief, &id).await, ["D3 returned"]);
    assert_eq!(chain(&books).await, before, "nothing is saved before it is confirmed");

    let job = confirm(&books, chief, &id, json!({})).await;
    assert_eq!(job["state"], "APPLIED");
    assert_eq!(
        count(&books, "select units from sales_days d join skus k on k.id = d.sku_id where k.code = 'K1'").await,
        20
    );
    assert_eq!(count(&books, "select count(*) from import_files").await, 0);

    // The next file mends a line, moves another to the next day, and repeats the third.
    let mended = LINES.replace("K1,24,", "K1,30,").replace("2026-01-02,S002", "2026-01-03,S002");
    let second = take_over(&books, chief, "kind=sales", mended).await;
    let preview = &seen(&books, chief, &second).await["preview"];
    assert_eq!((&preview["new"], &preview["changed"], &preview["unchanged"]), (&json!(0), &json!(2), &json!(1)));
    assert_eq!(
        count(&books, "select units from sales_days d join skus k on k.id = d.sku_id where k.code = 'K1'").await,
        26
    );
    assert_eq!(
        count(&books, "select count(*) from sales_days where day = '2026-01-02'").await,
        1,
        "no day without lines"
    );
    verify(&books).await;

    // The first cannot go while the second stands on it.
    let problem = undo(&books, chief, &id).await.problem(409, "changed_since");
    assert_eq!(problem["errors"][0]["detail"], "第 2 行 INV-1 1：后来有改动，或已被用到。");
    assert_eq!(undo(&books, chief, &second).await.ok()["state"], "UNDONE");
    assert_eq!(
        count(&books, "select units from sales_days d join skus k on k.id = d.sku_id where k.code = 'K1'").await,
        20
    );
    let job = undo(&books, chief, &id).await.ok();
    assert_eq!((&job["state"], &job["undo_reason"]), (&json!("UNDONE"), &json!("传错了")));
    assert_eq!(chain(&books).await, before);
    assert_eq!(undo(&books, chief, &id).await.ok()["state"], "UNDONE", "said twice, done once");
    let acts = books.world.get(&books.admin, &format!("/admin-actions?on_id={id}")).await.ok();
    let acts: Vec<_> = acts["items"].as_array().expect("is a list").iter().map(|act| act["action"].clone()).collect();
    assert_eq!(acts, [json!("import_undone"), json!("import_confirmed")]);
    verify(&books).await;
}

#[actix_web::test]
async fn the_same_file_is_taken_over_once_unless_somebody_says_again() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let first = take_over(&books, chief, "kind=sales", LINES).await;
    let answer = send(&books, chief, "kind=sales", LINES).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let job = answer.json();
    assert_eq!((&job["import_id"], &job["already_applied"]), (&json!(first), &json!(true)));
    let again = read(&books, chief, "kind=sales&again=true", LINES).await;
    assert_eq!(again["preview"]["unchanged"], 3);
    assert_eq!(confirm(&books, chief, &id(&again), json!({})).await["state"], "APPLIED");
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, 26);
    // What was undone may come again.
    undo(&books, chief, &id(&again)).await.ok();
    undo(&books, chief, &first).await.ok();
    take_over(&books, chief, "kind=sales", LINES).await;
    verify(&books).await;
}

#[actix_web::test]
async fn a_day_is_fed_as_a_total_or_line_by_line_and_never_both() {
    let books = Books::open().await;
    let (chief, before) = (&books.supervisor, chain(&books).await);
    let totals = "日期;门店编号;商品编码;数量（瓶）\n2026/1/2;S001;K1;7\n2026年1月2日;S001;K1;3\n20260103;S001;K1;1\n";
    let first = take_over(&books, chief, "kind=sales", totals).await;
    assert_eq!(faults(&books, chief, &first).await, ["D3 summed_up"]);
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, 11);
    let second = take_over(&books, chief, "kind=sales", totals.replace(";7\n", ";8\n")).await;
    assert_eq!(
        count(&books, "select sum(units)::bigint from sales_days").await,
        12,
        "a total stands instead of a total"
    );
    let lines = read(&books, chief, "kind=sales", LINES).await;
    assert_eq!((&lines["preview"]["bad"], &lines["preview"]["good"]), (&json!(2), &json!(1)));
    assert_eq!(faults(&books, chief, &id(&lines)).await[..2], ["A2 day_has_total", "A3 day_has_total"]);

    undo(&books, chief, &first).await.problem(409, "changed_since");
    undo(&books, chief, &second).await.ok();
    undo(&books, chief, &first).await.ok();
    assert_eq!(chain(&books).await, before);
    take_over(&books, chief, "kind=sales&again=true", LINES).await;
    let job = read(&books, chief, "kind=sales&again=true", totals).await;
    assert_eq!(job["preview"]["fault_counts"]["day_has_lines"], 1);
    verify(&books).await;
}

#[actix_web::test]
async fn stores_are_made_changed_and_taken_back() {
    let books = Books::open().await;
    let admin = &books.admin;
    let file = "门店编号,门店名称,区域,纬度,经度,状态,每日收货量,信用额度\n\
        S001,一号店（新址）,华东,31.2,121.5,营业,2000,50000\n\
        S009,九号店,华北,,,停业,,\n";
    let id = take_over(&books, admin, "kind=stores", file).await;
    assert_eq!(faults(&books, admin, &id).await, ["D3 no_place", "G3 no_dock", "H3 no_credit"]);
    let page = books.world.get(admin, "/stores").await.ok();
    let store = |at: usize| page["items"][at].clone();
    assert_eq!(
        (&store(0)["name"], &store(0)["lat"], &store(0)["credit_limit_cents"], &store(0)["dock_units_per_day"]),
        (&json!("一号店（新址）"), &json!(31.2), &json!(5_000_000), &json!(2_000))
    );
    assert_eq!(
        (&store(2)["code"], &store(2)["active"], &store(2)["dock_units_per_day"]),
        (&json!("S009"), &json!(false), &json!(1_000))
    );

    // What somebody changed since is not lost for an undo.
    books.world.patch(&books.finance, &format!("/stores/{}", books.store), json!({"credit_limit_cents": 1})).await.ok();
    let problem = undo(&books, admin, &id).await.problem(409, "changed_since");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(1));
    assert!(problem["errors"][0]["detail"].as_str().is_some_and(|text| text.contains("S001")), "{problem}");
    books
        .world
        .patch(&books.finance, &format!("/stores/{}", books.store), json!({"credit_limit_cents": 5_000_000}))
        .await
        .ok();
    // Nor is a store taken away that others refer to.
    let sold = "date,store,sku,qty\n2026-01-02,S009,K1,1\n";
    let sales = take_over(&books, admin, "kind=sales", sold).await;
    let problem = undo(&books, admin, &id).await.problem(409, "changed_since");
    assert!(problem["errors"][0]["detail"].as_str().is_some_and(|text| text.contains("S009")), "{problem}");
    undo(&books, admin, &sales).await.ok();
    let counted = "site,sku,on_hand\nS009,K1,3\n";
    let other = take_over(&books, admin, "kind=stores", "code,name,region\nS010,x,y\n").await;
    take_over(&books, admin, "kind=stock", counted.replace("S009", "S010")).await;
    let problem = undo(&books, admin, &other).await.problem(409, "changed_since");
    assert!(problem["errors"][0]["detail"].as_str().is_some_and(|text| text.contains("S010")), "{problem}");
    undo(&books, admin, &id).await.ok();
    assert_eq!(count(&books, "select count(*) from stores").await, 3, "what was there before, and S010 with its stock");
    assert_eq!(
        count(&books, "select count(*) from stores where name = '一号店' and credit_limit_cents = 10000000").await,
        1
    );
}

#[actix_web::test]
async fn a_supervisor_feeds_what_is_theirs_and_no_credit_price_or_region_beyond() {
    let books = Books::open().await;
    let chief = &books.supervisor;
    let job = read(&books, chief, "kind=stores", "code,name,region,credit\nS001,x,华东,1\n").await;
    assert_eq!((&job["state"], &job["failed"]["code"]), (&json!("FAILED"), &json!("column_not_yours")));

    let goods = "sku,name,category,case_pack,price\nK1,苏打水,饮料,12,9.99\nK3,新品,饮料,6,3.5\n";
    let id = take_over(&books, chief, "kind=skus", goods).await;
    assert_eq!(faults(&books, chief, &id).await, ["E2 price_kept"]);
    assert_eq!(count(&books, "select price_cents from skus where code = 'K1'").await, 150);
    assert_eq!(count(&books, "select price_cents from skus where code = 'K3'").await, 350);

    let patch = json!({"regions": ["华东"], "reason": "x"});
    books.world.patch(&books.admin, &format!("/users/{}", chief.user_id), patch).await;
    let job = read(&books, chief, "kind=stores", "code,name,region\nS001,一号店,华东\nS007,七号店,华北\n").await;
    assert_eq!(
        job["preview"]["fault_counts"],
        json!({"no_credit": 0, "not_your_region": 1})
            .as_object()
            .map(|_| json!({"not_your_region": 1}))
            .expect("is made")
    );
}

#[actix_web::test]
async fn goods_and_prices_are_made_changed_and_taken_back() {
    let books = Books::open().await;
    let (admin, before) = (&books.admin, chain(&books).await);
    let goods = "sku,name,category,vendor,case_pack,inner_pack,price,barcode,case_barcode\n\
        K1,苏打水 750ml,饮料,甲厂,24,6,1.60,890355001094,10860003934729\n\
        K3,=1+1,饮料,,6,,\"¥1,234.5\",,0\n";
    let id = take_over(&books, admin, "kind=skus", goods).await;
    let page = books.world.get(admin, "/skus").await.ok();
    let sku = |at: usize| page["items"][at].clone();
    assert_eq!(
        (&sku(0)["case_pack"], &sku(0)["inner_pack"], &sku(0)["price_cents"], &sku(0)["brand"]),
        (&json!(24), &json!(6), &json!(160), &json!("甲厂"))
    );
    assert_eq!(
        (&sku(2)["name"], &sku(2)["price_cents"]),
        (&json!("=1+1"), &json!(123_450)),
        "what looks like a formula is a text"
    );
    assert_eq!(count(&books, "select count(*) from skus where case_barcode = '10860003934729'").await, 1);

    let finance = &books.finance;
    let prices = take_over(&books, finance, "kind=prices", "货号\t新价\nK1\t2\nK2\t20.00\n").await;
    let preview = &seen(&books, finance, &prices).await["preview"];
    assert_eq!((&preview["changed"], &preview["unchanged"]), (&json!(1), &json!(1)));
    assert_eq!(count(&books, "select price_cents from skus where code = 'K1'").await, 200);
    undo(&books, admin, &id).await.problem(409, "changed_since");
    undo(&books, finance, &prices).await.ok();
    undo(&books, admin, &id).await.ok();
    assert_eq!(chain(&books).await, before);
}

#[actix_web::test]
async fn a_count_becomes_movements_and_counts_what_moved_since() {
    let books = Books::open().await;
    let (clerk, before) = (&books.clerk, chain(&books).await);
    let file = "仓库,货号,实有\nW1,K1,990\nW1,K2,1000\n";
    let answer = send(&books, clerk, "kind=stock", file).await;
    let id = id(&answer.json());
    // Ten units come in after the file was handed over.
    sqlx::query(
        "with m as (insert into movements (site_id, sku_id, bucket, delta, kind, doc_type)
                    values ($1, $2, 'on_hand', 10, 'RECEIPT', 'receipt'))
         update stock_levels set on_hand = on_hand + 10 where site_id = $1 and sku_id = $2",
    )
    .bind(books.warehouse)
    .bind(books.skus[0])
    .execute(&books.world.db.0)
    .await
    .expect("is booked");
    assert!(worker(&books).step(None).await.expect("works"));
    let preview = &seen(&books, clerk, &id).await["preview"];
    assert_eq!((&preview["changed"], &preview["unchanged"]), (&json!(1), &json!(1)));
    confirm(&books, clerk, &id, json!({})).await;
    let on_hand = "select on_hand from stock_levels l join skus k on k.id = l.sku_id join warehouses w on w.id = l.site_id where k.code = 'K1'";
    assert_eq!(count(&books, on_hand).await, 1_000, "990 as counted and ten that came since");
    assert_eq!(count(&books, "select delta from movements where doc_type = 'import'").await, -10);
    verify(&books).await;

    // A later count stands in the way of taking the first back; then both go, by reversals.
    let second = take_over(&books, clerk, "kind=stock", "仓库,货号,实有\nW1,K1,500\n").await;
    assert_eq!(count(&books, on_hand).await, 500);
    undo(&books, clerk, &id).await.problem(409, "changed_since");
    undo(&books, clerk, &second).await.ok();
    undo(&books, clerk, &id).await.ok();
    assert_eq!(count(&books, on_hand).await, 1_010);
    assert_eq!(count(&books, "select count(*) from movements where reversal_of is not null").await, 2);
    verify(&books).await;
    assert_ne!(chain(&books).await, before, "the receipt stays");
}

#[actix_web::test]
async fn what_is_promised_cannot_be_counted_away() {
    let books = Books::open().await;
    books.order().await;
    let clerk = &books.clerk;
    let file = "warehouse,sku,on_hand\nW1,K1,1\nW1,K2,900\nS001,K1,4\n";
    let job = read(&books, clerk, "kind=stock", file).await;
    assert_eq!(faults(&books, clerk, &id(&job)).await, ["C2 below_promised", "A4 not_your_site"]);
    books.world.post(clerk, &format!("/imports/{}/confirm", id(&job)), json!({})).await.problem(409, "bad_rows");
    let job = confirm(&books, clerk, &id(&job), json!({"skip_bad": true})).await;
    assert_eq!((&job["state"], &job["good_rows"], &job["bad_rows"]), (&json!("APPLIED"), &json!(1), &json!(2)));
    assert_eq!(count(&books, "select on_hand from stock_levels l join skus k on k.id = l.sku_id join warehouses w on w.id = l.site_id where k.code = 'K2'").await, 900);
    // An administrator counts stores too.
    take_over(&books, &books.admin, "kind=stock", "site,sku,on_hand\nS001,K1,4\n").await;
    verify(&books).await;
}

#[actix_web::test]
async fn bad_cells_are_mended_in_place() {
    let books = Books::open().await;
    let (chief, world) = (&books.supervisor, &books.world);
    let job =
        read(&books, chief, "kind=sales", "date,store,sku,qty\n2026-01-02,S00l,K1,6\n2026-01-02,S002,K1,x\n").await;
    let id = id(&job);
    assert_eq!(faults(&books, chief, &id).await, ["B2 unknown_store", "D3 not_whole"]);
    let cells = format!("/imports/{id}/cells");
    for (cell, pointer) in
        [("B1", "/cells/0/cell"), ("E2", "/cells/0/cell"), ("2B", "/cells/0/cell"), ("b2", "/cells/0/cell")]
    {
        let body = json!({"cells": [{"cell": cell, "value": "x"}]});
        assert_eq!(
            world.patch(chief, &cells, body).await.problem(422, "invalid")["errors"][0]["pointer"],
            pointer,
            "{cell}"
        );
    }
    let body = json!({"cells": [{"cell": "B2", "value": "S001"}, {"cell": "D3", "value": "12"}]});
    let answer = world.patch(chief, &cells, body.clone()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (202, &json!("READING")));
    world.patch(chief, &cells, body).await.problem(409, "wrong_state");
    assert!(worker(&books).step(None).await.expect("works"));
    let job = seen(&books, chief, &id).await;
    assert_eq!(
        (&job["state"], &job["bad_rows"], &job["preview"]["sample"][0]["cells"][1]),
        (&json!("PREVIEWED"), &json!(0), &json!("S001"))
    );
    assert_eq!(confirm(&books, chief, &id, json!({})).await["state"], "APPLIED");
    assert_eq!(count(&books, "select sum(units)::bigint from sales_days").await, 18);
}

#[actix_web::test]
async fn workbooks_and_texts_of_chinese_windows_are_read() {
    let books = Books::open().await;
    let finance = &books.finance;
    let book = workbook(&sheet(&[
        &["日期", "门店编号", "商品编码", "销量"],
        &["@45943", "S001", "K1", "12"],
        &["'2025-10-14", "S001", "K2", "'3"],
    ]));
    let id = take_over(&books, &books.supervisor, "kind=sales", book).await;
    let preview = &seen(&books, &books.supervisor, &id).await["preview"];
    assert_eq!(preview["form"], json!({"format": "xlsx", "sheet": "周五新品"}));
    assert_eq!(preview["sample"][0]["cells"], json!(["2025-10-13", "S001", "K1", "12"]));
    assert_eq!(count(&books, "select count(*) from sales_days where day in ('2025-10-13', '2025-10-14')").await, 2);

    let (bytes, _, _) = encoding_rs::GB18030.encode("货号,新价\r\nK1,￥8.80\r\n");
    let id = take_over(&books, finance, "kind=prices", bytes.into_owned()).await;
    assert_eq!(seen(&books, finance, &id).await["preview"]["form"]["encoding"], "gb18030");
    assert_eq!(count(&books, "select price_cents from skus where code = 'K1'").await, 880);
    let (bytes, _, _) = encoding_rs::GB18030.encode("货号,新价\r\nK1,1\r\n");
    let job = read(&books, finance, "kind=prices&encoding=utf-8", bytes.into_owned()).await;
    assert_eq!(job["failed"]["code"], "wrong_encoding");
}

#[actix_web::test]
async fn everybody_feeds_their_own_kinds_and_touches_their_own_jobs() {
    let books = Books::open().await;
    let world = &books.world;
    for (kind, callers) in [
        ("stores", [&books.supervisor, &books.admin]),
        ("skus", [&books.supervisor, &books.admin]),
        ("sales", [&books.supervisor, &books.admin]),
        ("stock", [&books.clerk, &books.admin]),
        ("prices", [&books.finance, &books.admin]),
    ] {
        for (_, caller) in books.everybody() {
            let answer = send(&books, caller, &format!("kind={kind}"), "x").await;
            if callers.iter().any(|one| one.user_id == caller.user_id) {
                assert_eq!(answer.status.as_u16(), 202, "{kind}");
                let path = format!("/imports/{}", answer.json()["import_id"].as_str().expect("is a text"));
                // Others of the kind see it; the rest do not know that it exists.
                for (role, other) in books.everybody() {
                    let seen = world.get(other, &path).await;
                    match role.is_of_a_store() {
                        true => seen.problem(403, "not_allowed"),
                        false if callers.iter().any(|one| one.user_id == other.user_id) => seen.ok(),
                        false => seen.problem(404, "not_found"),
                    };
                }
                let removed = world.send(&books.admin, Method::DELETE, &path, None, &[]).await;
                assert_eq!(removed.status.as_u16(), 204);
            } else {
                answer.problem(403, "not_allowed");
            }
        }
    }
    let id = id(&read(&books, &books.admin, "kind=prices", "sku,price\nK1,1\n").await);
    let path = format!("/imports/{id}");
    world.get(&books.finance, &path).await.ok();
    world.post(&books.finance, &format!("{path}/confirm"), json!({})).await.problem(403, "not_allowed");
    world.send(&books.finance, Method::DELETE, &path, None, &[]).await.problem(403, "not_allowed");
    world.post(&books.clerk, &format!("{path}/confirm"), json!({})).await.problem(404, "not_found");
    let list = world.get(&books.finance, "/imports?state=PREVIEWED&kind=prices&limit=1").await.ok();
    assert_eq!((&list["items"][0]["import_id"], &list["items"][0]["preview"]), (&json!(id), &json!(null)));
    assert_eq!(world.get(&books.clerk, "/imports").await.ok()["items"], json!([]));
}
