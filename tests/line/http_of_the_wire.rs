//! HTTP below the API, byte by byte over plain TCP: what is no request, or two at once, or too much, is refused and changes
//! nothing.

use super::{clerk::Clerk, house::House, wire::Wire};
use graborder::app::{self, Roles};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn traces(house: &House) -> Vec<i64> {
    vec![
        house.number("select count(*) from rounds").await,
        house.number("select count(*) from claims").await,
        house.number("select count(*) from outbox").await,
        house.number("select count(*) from users").await,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_single_fair_request_is_refused() {
    let house = House::new().await;
    let token = house.sign_in("supervisor").await;
    let before = traces(&house).await;
    let host = "Host: shop.example\r\n";
    let auth = format!("Authorization: Bearer {token}\r\n");
    let json = "Content-Type: application/json\r\n";
    let post =
        |headers: &str, body: &str| format!("POST /api/v1/rounds HTTP/1.1\r\n{host}{auth}{json}{headers}\r\n{body}");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\n{host}{auth}\r\n");
    let endless = format!("{:x}\r\n{}\r\n", 4096, "x".repeat(4096)).repeat(40);
    let cases: Vec<(&str, String, &[u16])> = vec![
        ("a length below zero", post("Content-Length: -1\r\n", "{}"), &[400]),
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 5\r\n", "{}{}{"), &[400]),
        ("a length and chunks", post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), &[400]),
        ("chunks within gzip", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), &[400, 415, 422]),
        ("chunks without an end", post("Transfer-Encoding: chunked\r\n", &endless), &[413]),
        ("a chunk that is no number", post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n"), &[400, 422]),
        ("a compressed body", post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "\x1f\x08\x08"), &[415]),
        (
            "a form",
            format!(
                "POST /api/v1/rounds HTTP/1.1\r\n{host}{auth}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 2\r\n\r\n{{}}"
            ),
            &[415],
        ),
        ("no host", format!("GET /api/v1/me HTTP/1.1\r\n{auth}\r\n"), &[400]),
        ("two hosts", format!("GET /api/v1/me HTTP/1.1\r\n{host}Host: evil.example\r\n{auth}\r\n"), &[400]),
        ("a header in two lines", format!("GET /api/v1/me HTTP/1.1\r\n{host}X: a\r\n b\r\n{auth}\r\n"), &[400]),
        ("a header without a name", format!("GET /api/v1/me HTTP/1.1\r\n{host}: x\r\n{auth}\r\n"), &[400]),
        ("two tokens", format!("GET /api/v1/me HTTP/1.1\r\n{host}{auth}{auth}\r\n"), &[401]),
        (
            "a token of 64 KiB",
            format!("GET /api/v1/me HTTP/1.1\r\n{host}Authorization: Bearer {}\r\n\r\n", "x".repeat(65_536)),
            &[401],
        ),
        ("TRACE", format!("TRACE /api/v1/me HTTP/1.1\r\n{host}{auth}\r\n"), &[405]),
        ("a method of its own", format!("BREW /api/v1/me HTTP/1.1\r\n{host}{auth}\r\n"), &[405]),
        (
            "a method that overrides",
            format!("GET /api/v1/rounds HTTP/1.1\r\n{host}{auth}X-HTTP-Method-Override: POST\r\n\r\n"),
            &[200],
        ),
        ("two slashes", get("//api/v1/me"), &[404]),
        ("a way up", get("/api/v1/%2e%2e/%2e%2e/etc/passwd"), &[404]),
        ("a plain way up", get("/api/v1/../../etc/passwd"), &[404]),
        ("a NUL", get("/api/v1/rounds/%00"), &[404]),
        ("a broken percent", get("/api/v1/rounds/%zz"), &[404]),
        ("a line break in an id", get("/api/v1/rounds/x%0d%0aSet-Cookie:%20a=b"), &[404]),
        ("a query of 8 KiB", get(&format!("/api/v1/rounds?cursor={}", "a".repeat(8 * 1024))), &[414]),
        ("a path of 8 KiB", get(&format!("/api/v1/rounds/{}", "a".repeat(8 * 1024))), &[414]),
        ("HTTP/0.9", "GET /api/v1/me\r\n\r\n".to_owned(), &[400]),
        ("no HTTP", "\u{16}\u{3}\u{1}hello\r\n\r\n".to_owned(), &[400]),
    ];
    let mut wrong = Vec::new();
    for (what, bytes, wanted) in cases {
        let mut wire = Wire::connect(&house).await;
        wire.send(bytes.as_bytes()).await;
        let head = wire.head().await;
        if !wanted.contains(&head.status) || head.text.to_ascii_lowercase().contains("set-cookie") {
            wrong.push(format!("{what}: {}", head.text.lines().next().unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(traces(&house).await, before);
    house.get(&token, "/api/v1/me").await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_half_a_second_request_is_not_waited_for_either() {
    let house = House::new().await;
    let mut settings = house.settings.clone();
    settings.http.idle_ms = 1_000;
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let address = node.address.expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let asked = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(asked.as_bytes()).await.expect("sends");
    let mut answer = vec![0; 4096];
    assert!(stream.read(&mut answer).await.expect("an answer") > 0);
    stream.write_all(b"G").await.expect("sends");
    let ended = async { while !matches!(stream.read(&mut answer).await, Ok(0) | Err(_)) {} };
    tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the connection is ended");
    // A socket has a heartbeat of its own and is left alone.
    let token = house.sign_in("s0001").await;
    let mut clerk = Clerk::with_token(&format!("http://{address}"), &token, serde_json::Value::Null).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    clerk.say(&serde_json::json!({"t": "ping", "t0": 1})).await;
    clerk.hear("pong").await;
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_half_a_request_is_not_waited_for() {
    let house = House::new().await;
    let mut head = Wire::connect(&house).await;
    head.send(b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    let mut body = Wire::connect(&house).await;
    let asked =
        "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
    body.send(asked.as_bytes()).await;
    assert_eq!(head.head().await.status, 408, "a head has five seconds");
    assert_eq!(body.head().await.status, 408, "a body has ten");
    assert!(head.ends_within(Duration::from_secs(5)).await);
    house.end().await;
}
