//! Bad rows are told cell by cell, odd ones are let in with a word, hostile files end in a clear answer; none of them
//! reaches the books.

use super::{
    books::Books,
    imports_world::{chain, faults, id, read, seen, send, sheet, workbook, worker},
};
use actix_web::http::Method;
use graborder::import::{CELL_BYTES_MAX, FILE_BYTES_MAX};
use serde_json::json;
use std::io::Write;

#[actix_web::test]
async fn each_bad_cell_is_told_by_its_address() {
    let books = Books::open().await;
    let (chief, before) = (&books.supervisor, chain(&books).await);
    for (row, expected) in [
        ("2026-01-02,S001,K1,1,A,1", vec![]),
        (",S001,K1,1,A,1", vec!["A2 missing"]),
        ("1/2/2026,S001,K1,1,A,1", vec!["A2 bad_day"]),
        ("2199-01-02,S001,K1,1,A,1", vec!["A2 future_day"]),
        ("2026-01-02,S404,K1,1,A,1", vec!["B2 unknown_store"]),
        ("2026-01-02,s001,K1,1,A,1", vec!["B2 unknown_store"]),
        ("2026-01-02,S001,=K1,1,A,1", vec!["C2 unknown_sku"]),
        ("2026-01-02,S001,K\u{fffd},1,A,1", vec!["C2 broken_code"]),
        ("2026-01-02,S001,#N/A,1,A,1", vec!["C2 cell_error"]),
        ("2026-01-02,S001,K1\u{0},1,A,1", vec!["C2 bad_sign"]),
        ("2026-01-02,S001,K1,1.5,A,1", vec!["D2 not_whole"]),
        ("2026-01-02,S001,K1,1e308,A,1", vec!["D2 not_whole"]),
        ("2026-01-02,S001,K1,NaN,A,1", vec!["D2 not_whole"]),
        ("2026-01-02,S001,K1,99999999999999999999999999,A,1", vec!["D2 not_whole"]),
        ("2026-01-02,S001,K1,10000001,A,1", vec!["D2 out_of_range"]),
        ("2026-01-02,S001,K1,-3,A,1", vec!["D2 returned"]),
        ("2026-01-02,S001,K1,1,,1", vec!["E2 missing"]),
        ("2026-01-02,S001,K1,1,A,", vec!["F2 missing"]),
        ("2026-01-02,S001,K1,1,A,1,surplus", vec!["G2 extra_cells"]),
        ("2026-01-02,S001,K1", vec!["D2 missing", "E2 missing", "F2 missing"]),
        ("2026-01-02,S001,K1,1,A,1\n2026-01-02,S001,K1,1,A,1", vec!["F3 doubled_row"]),
    ] {
        let job = read(&books, chief, "kind=sales", format!("date,store,sku,qty,order_no,line_no\n{row}\n")).await;
        assert_eq!(job["state"], "PREVIEWED", "{row}: {job}");
        assert_eq!(faults(&books, chief, &id(&job)).await, expected, "{row}");
        let gone = books.world.send(chief, Method::DELETE, &format!("/imports/{}", id(&job)), None, &[]).await;
        assert_eq!(gone.status.as_u16(), 204);
    }
    assert_eq!(chain(&books).await, before);
}

#[actix_web::test]
async fn a_fault_says_what_to_do_in_the_callers_language() {
    let books = Books::open().await;
    let job = read(&books, &books.supervisor, "kind=sales", "date,store,sku,qty\n2026-01-02,S404,K1,1\n").await;
    let path = format!("/imports/{}/faults", id(&job));
    let fault = books.world.get(&books.supervisor, &path).await.ok()["items"][0].clone();
    assert_eq!(
        fault,
        json!({"severity": "error", "row": 2, "cell": "B2", "column": "store", "value": "S404", "code": "unknown_store",
               "text": "没有这家门店，或不在你的区域。先导入门店"})
    );
    let english =
        books.world.send(&books.supervisor, Method::GET, &path, None, &[("accept-language", "en")]).await.ok();
    assert_eq!(
        english["items"][0]["text"],
        "There is no such store, or it is not in your regions. Import the stores first"
    );
}

#[actix_web::test]
async fn a_thousand_errors_are_kept_and_all_are_counted() {
    let books = Books::open().await;
    let finance = &books.finance;
    let file = format!("sku,price\nK1,1\n{}", (0..1_500).map(|n| format!("X{n},1\n")).collect::<String>());
    let job = read(&books, finance, "kind=prices", file).await;
    assert_eq!((&job["bad_rows"], &job["good_rows"]), (&json!(1_500), &json!(1)));
    assert_eq!(job["preview"]["fault_counts"]["unknown_sku"], 1_500);
    let (mut seen, mut path) = (0, format!("/imports/{}/faults?limit=200", id(&job)));
    loop {
        let page = books.world.get(finance, &path).await.ok();
        seen += page["items"].as_array().expect("is a list").len();
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/imports/{}/faults?limit=200&cursor={cursor}", id(&job));
    }
    assert_eq!(seen, 1_000);
}

/// The defects of real master data, one row each.
#[actix_web::test]
async fn real_defects_are_let_in_with_a_word_or_refused() {
    let books = Books::open().await;
    let admin = &books.admin;
    let head = "sku,name,category,vendor,case_pack,inner_pack,unit_price,barcode,case_barcode";
    let rows = [
        "D1,GIFT PACK,LIQUEUR,X,1,60,150.00,890355001094,10860003934729",
        "D2,GIFT PACK,LIQUEUR,X,6,1,12.5,890355001094,0",
        "D3,NO CODE  DOUBLED SPACE,LIQUEUR,X,6,,12.5,,",
        "D4,BROKEN \u{fffd} NAME,LIQUEUR,X,6,0,12.5,82000789239,1",
        "D5,CAF\u{e9},LIQUEUR,X,0,1,12.5,82000789240,",
    ];
    let job = read(&books, admin, "kind=skus", format!("{head}\n{}\n", rows.join("\n"))).await;
    assert_eq!(
        faults(&books, admin, &id(&job)).await,
        [
            "I5 bad_barcode",
            "E6 out_of_range",
            "F2 inner_over_case",
            "H3 shared_barcode",
            "I3 no_case_barcode",
            "H4 no_barcode",
            "B5 broken_text"
        ]
    );
    assert_eq!((&job["good_rows"], &job["bad_rows"]), (&json!(3), &json!(2)));
}

fn zip_bomb() -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).expect("is begun");
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..300 {
        zip.write_all(&zeros).expect("is written");
    }
    zip.finish().expect("is finished").into_inner()
}

#[actix_web::test]
async fn hostile_files_end_in_a_clear_answer() {
    let books = Books::open().await;
    let (chief, before) = (&books.supervisor, chain(&books).await);
    let head = "date,store,sku,qty\n";
    let far = "<sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
    let dimension = format!("<dimension ref=\"A1:XFD1048576\"/>{}", sheet(&[&["date", "store", "sku", "qty"]]));
    let beyond = "<sheetData><row r=\"1\"><c r=\"A99999999999\"><v>1</v></c></row></sheetData>";
    let bomb = zip_bomb();
    assert!(bomb.len() < 2_000_000, "a small file");
    for (name, bytes, code) in [
        ("a header only", head.into(), "only_header"),
        ("blank lines", "\n\n \n,,\n".into(), "empty"),
        ("no table at all", b"\x00\x01\x02\x03".to_vec(), "columns_missing"),
        ("bytes of no encoding", b"a\xff\xff\xff".to_vec(), "unknown_encoding"),
        ("other columns", "a,b\n1,2\n".into(), "columns_missing"),
        ("an open quote", format!("{head}2026-01-02,\"S001,K1,1\n2026-01-03,S001,K1,1\n").into(), "open_quote"),
        ("an endless cell", format!("{head}{}", "x".repeat(CELL_BYTES_MAX + 1)).into(), "cell_too_long"),
        ("endless columns", format!("{head}{}", ",".repeat(5_000)).into(), "too_many_columns"),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "old_excel"),
        ("a broken workbook", b"PK\x03\x04 and nothing else".to_vec(), "not_a_workbook"),
        ("a bomb", bomb, "too_much_inside"),
        ("a far cell", workbook(far), "too_many_rows"),
        ("a cell beyond", workbook(beyond), "not_a_workbook"),
        ("a workbook that claims to be huge", workbook(&dimension), "only_header"),
        (
            "rows backwards",
            workbook(
                "<sheetData><row r=\"5\"><c r=\"A5\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row></sheetData>",
            ),
            "not_a_workbook",
        ),
        ("xml that never ends", workbook("<sheetData><row><c><v>1"), "not_a_workbook"),
    ] {
        let job = read(&books, chief, "kind=sales", bytes).await;
        assert_eq!((&job["state"], &job["failed"]["code"]), (&json!("FAILED"), &json!(code)), "{name}: {job}");
        assert!(job["failed"]["text"].as_str().is_some_and(|text| !text.is_empty() && !text.contains('{')), "{job}");
        let path = format!("/imports/{}/confirm", id(&job));
        books.world.post(chief, &path, json!({})).await.problem(409, "wrong_state");
    }
    assert_eq!(chain(&books).await, before);
}

#[actix_web::test]
async fn what_is_no_fair_upload_is_refused_at_the_door() {
    let books = Books::open().await;
    let (world, chief) = (&books.world, &books.supervisor);
    send(&books, chief, "kind=sales", "").await.problem(422, "invalid");
    for query in [
        "",
        "kind=gold",
        "kind=sales&sheet=1",
        "kind=sales&encoding=latin1",
        "kind=sales&again=maybe",
        "kind=sales&kind=stock",
    ] {
        send(&books, chief, query, "x").await.problem(422, "invalid");
    }
    for headers in [
        [("content-type", "application/json")],
        [("content-type", "multipart/form-data; boundary=x")],
        [("content-encoding", "gzip")],
    ] {
        let mut all = vec![("content-type", "text/csv")];
        all.extend(headers);
        let answer = world.send(chief, Method::POST, "/imports?kind=sales", Some(b"x".to_vec()), &all).await;
        answer.problem(415, "not_a_table");
    }
    send(&books, chief, "kind=sales", vec![b'x'; FILE_BYTES_MAX + 1]).await.problem(413, "too_large");
    // Other doors keep their small bodies.
    world.send(chief, Method::POST, "/rounds", Some(vec![b' '; 70 * 1024]), &[]).await.problem(413, "too_large");

    for _ in 0..5 {
        assert_eq!(send(&books, chief, "kind=sales", "x").await.status.as_u16(), 202);
    }
    let answer = send(&books, chief, "kind=sales", "x").await;
    answer.problem(429, "too_many_imports");
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(send(&books, &books.admin, "kind=sales", "x").await.status.as_u16(), 202, "others are not harmed");
}

#[actix_web::test]
async fn what_nobody_came_back_to_is_dropped() {
    let books = Books::open().await;
    let finance = &books.finance;
    let (old, young) = (
        id(&read(&books, finance, "kind=prices", "sku,price\nK1,1\n").await),
        id(&read(&books, finance, "kind=prices", "sku,price\nK1,2\n").await),
    );
    sqlx::query("update imports set made_at = now() - interval '8 days' where id = $1::uuid")
        .bind(&old)
        .execute(&books.world.db.0)
        .await
        .expect("is aged");
    worker(&books).tidy().await.expect("tidies");
    books.world.get(finance, &format!("/imports/{old}")).await.problem(404, "not_found");
    assert_eq!(seen(&books, finance, &young).await["state"], "PREVIEWED");
}
