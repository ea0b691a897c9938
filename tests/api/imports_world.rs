//! Files, handed over and worked on, in the words of those who do it.

use super::{
    books::Books,
    world::{Answer, Caller},
};
use actix_web::http::Method;
use graborder::import::{Worker, WorkerConfig};
use serde_json::{Value, json};
use std::io::Write;

/// A node's hand, without its clockwork.
pub fn worker(books: &Books) -> Worker {
    Worker::new(books.world.db.clone(), WorkerConfig::default())
}

pub async fn send(books: &Books, caller: &Caller, query: &str, bytes: impl Into<Vec<u8>>) -> Answer {
    let headers = [("content-type", "text/csv")];
    books.world.send(caller, Method::POST, &format!("/imports?{query}"), Some(bytes.into()), &headers).await
}

/// Handed over and read: the job as it rests.
#[track_caller]
pub fn id(job: &Value) -> String {
    job["import_id"].as_str().expect("is a text").to_owned()
}

pub async fn read(books: &Books, caller: &Caller, query: &str, bytes: impl Into<Vec<u8>>) -> Value {
    let answer = send(books, caller, query, bytes).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text);
    assert!(worker(books).step(None).await.expect("works"));
    seen(books, caller, &id(&answer.json())).await
}

pub async fn seen(books: &Books, caller: &Caller, id: &str) -> Value {
    books.world.get(caller, &format!("/imports/{id}")).await.ok()
}

/// Confirmed and taken over: the job as it rests.
pub async fn confirm(books: &Books, caller: &Caller, id: &str, body: Value) -> Value {
    let answer = books.world.post(caller, &format!("/imports/{id}/confirm"), body).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text);
    assert!(worker(books).step(None).await.expect("works"));
    seen(books, caller, id).await
}

/// From the file to the books.
pub async fn take_over(books: &Books, caller: &Caller, query: &str, bytes: impl Into<Vec<u8>>) -> String {
    let job = read(books, caller, query, bytes).await;
    assert_eq!(job["state"], "PREVIEWED", "{job}");
    let id = id(&job);
    let job = confirm(books, caller, &id, json!({})).await;
    assert_eq!(job["state"], "APPLIED", "{job}");
    id
}

pub async fn undo(books: &Books, caller: &Caller, id: &str) -> Answer {
    books.world.post(caller, &format!("/imports/{id}/undo"), json!({"reason": "传错了"})).await
}

/// Each fault as `B17 code`.
pub async fn faults(books: &Books, caller: &Caller, id: &str) -> Vec<String> {
    let page = books.world.get(caller, &format!("/imports/{id}/faults?limit=200")).await.ok();
    let told = |fault: &Value| {
        let place = fault["cell"].as_str().map_or_else(|| fault["row"].to_string(), str::to_owned);
        format!("{place} {}", fault["code"].as_str().expect("is a text"))
    };
    page["items"].as_array().expect("is a list").iter().map(told).collect()
}

pub async fn count(books: &Books, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&books.world.db.0).await.expect("counts")
}

/// What the chain's tables hold, without the jobs themselves.
pub async fn chain(books: &Books) -> String {
    sqlx::query_scalar(
        "select md5(concat(
            (select string_agg(to_jsonb(s)::text, '' order by code) from stores s),
            (select string_agg(to_jsonb(k)::text, '' order by code) from skus k),
            (select string_agg(to_jsonb(d)::text, '' order by sku_id, store_id, day) from sales_days d),
            (select string_agg(to_jsonb(l)::text, '' order by order_no, line_no) from sales_lines l),
            (select string_agg(to_jsonb(l)::text, '' order by site_id, sku_id) from stock_levels l where on_hand <> 0)))",
    )
    .fetch_one(&books.world.db.0)
    .await
    .expect("reads")
}

/// Nothing in the books contradicts itself.
pub async fn verify(books: &Books) {
    let mut conn = books.world.db.0.acquire().await.expect("connects");
    for check in &graborder::storage::audit::CHECKS {
        assert_eq!(check.run(&mut conn).await.expect("runs"), 0, "{}", check.name);
    }
}

/// A workbook with one sheet, as spreadsheets write them: each cell is XML as given (`<c …>…</c>` without address).
pub fn workbook(sheet: &str) -> Vec<u8> {
    let parts: [(&str, &str); 5] = [
        (
            "[Content_Types].xml",
            r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="周五新品" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
        ),
        (
            "xl/styles.xml",
            r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
        ),
    ];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{sheet}</worksheet>"#
    );
    for (name, text) in parts.into_iter().chain([("xl/worksheets/sheet1.xml", sheet.as_str())]) {
        zip.start_file(name, options).expect("is begun");
        zip.write_all(text.as_bytes()).expect("is written");
    }
    zip.finish().expect("is finished").into_inner()
}

/// Rows of texts and numbers: `12` is a number, `'12` a text, `@45943` a day.
pub fn sheet(rows: &[&[&str]]) -> String {
    let cell = |text: &&str| match (text.strip_prefix('\''), text.strip_prefix('@')) {
        (Some(text), _) => format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        (_, Some(day)) => format!("<c s=\"1\"><v>{day}</v></c>"),
        _ if text.parse::<f64>().is_ok() => format!("<c><v>{text}</v></c>"),
        _ => format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>"),
    };
    let row = |cells: &&[&str]| format!("<row>{}</row>", cells.iter().map(cell).collect::<String>());
    format!("<sheetData>{}</sheetData>", rows.iter().map(row).collect::<String>())
}
