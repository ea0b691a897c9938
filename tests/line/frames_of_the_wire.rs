//! RFC 6455 below the JSON, byte by byte over plain TCP: each probe gets its exact answer, and the one worker of the node
//! still serves afterwards.

use super::{clerk::Clerk, house::House, wire::Wire};
use std::time::{Duration, Instant};

/// What a probe must be answered with.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    /// A close frame with this code, then the end of the connection.
    Closed(u16),
    /// A pong with this text: the frame was fine.
    Pong(&'static str),
    /// Our `error` frame: a fine frame, a wrong message.
    BadFrame,
}
use Wanted::{BadFrame, Closed, Pong};

const TEXT: u8 = 0x81;
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

const PING_JSON: &str = r#"{"t":"ping","t0":7}"#;

/// A masked frame, as a client sends it.
fn frame(first: u8, body: &[u8]) -> Vec<u8> {
    frame_as_long_as(first, body.len() as u64, body)
}

fn frame_as_long_as(first: u8, length: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        0..126 => bytes.push(0x80 | length as u8),
        126..65_536 => bytes.extend([0xfe].iter().chain(&(length as u16).to_be_bytes())),
        _ => bytes.extend([0xff].iter().chain(&length.to_be_bytes())),
    }
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    bytes.extend(mask);
    bytes.extend(body.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn unmasked(body: &[u8]) -> Vec<u8> {
    [&[TEXT, body.len() as u8], body].concat()
}

/// The length of a text spelt longer than it needs to be.
fn long_winded(body: &[u8]) -> Vec<u8> {
    let plain = frame(TEXT, body);
    [&[TEXT, 0xfe, 0, body.len() as u8], &plain[2..]].concat()
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn probes() -> Vec<(&'static str, Vec<u8>, Wanted)> {
    let json = PING_JSON.as_bytes();
    let padded = |length: usize| format!("{PING_JSON}{}", " ".repeat(length - PING_JSON.len())).into_bytes();
    let halves = |cut: usize, text: &[u8]| [frame(TEXT_BEGINS, &text[..cut]), frame(ENDS, &text[cut..])].concat();
    let emoji = r#"{"t":"抢"}"#.as_bytes();
    vec![
        ("a plain text", frame(TEXT, json), Pong("7")),
        ("an unmasked frame", unmasked(json), Closed(1002)),
        ("reserved bit 1, as compression would set", frame(TEXT | 0x40, json), Closed(1002)),
        ("reserved bit 2", frame(TEXT | 0x20, json), Closed(1002)),
        ("reserved bit 3", frame(TEXT | 0x10, json), Closed(1002)),
        ("opcode 3", frame(0x83, json), Closed(1002)),
        ("opcode 11", frame(0x8b, json), Closed(1002)),
        ("a ping of 125 bytes", [frame(PING, &[b'x'; 125]), frame(TEXT, json)].concat(), Pong("7")),
        ("a ping of 126 bytes", frame(PING, &[b'x'; 126]), Closed(1002)),
        ("a ping in pieces", frame(0x09, b"x"), Closed(1002)),
        ("a piece of no message", frame(ENDS, json), Closed(1002)),
        ("a new text inside another", [frame(TEXT_BEGINS, b"{"), frame(TEXT, json)].concat(), Closed(1002)),
        ("text that is not UTF-8", frame(TEXT, &[b'"', 0xff, 0xfe, b'"']), Closed(1007)),
        ("a surrogate in UTF-8", frame(TEXT, b"\"\xed\xa0\x80\""), Closed(1007)),
        ("a character split between pieces", halves(8, emoji), BadFrame),
        ("pieces that are not UTF-8 together", halves(2, b"\"\xe6\x8a\""), Closed(1007)),
        ("a message in pieces", halves(5, json), Pong("7")),
        (
            "a ping between two pieces",
            [frame(TEXT_BEGINS, &json[..5]), frame(PING, b"!"), frame(ENDS, &json[5..])].concat(),
            Pong("7"),
        ),
        ("4,096 bytes", frame(TEXT, &padded(4_096)), Pong("7")),
        ("4,097 bytes", frame(TEXT, &padded(4_097)), Closed(1009)),
        ("65,537 bytes", frame(TEXT, &padded(65_537)), Closed(1009)),
        ("a length of 2^62 and nothing behind it", frame_as_long_as(TEXT, 1 << 62, b""), Closed(1009)),
        ("a length of 2^63", frame_as_long_as(TEXT, 1 << 63, b""), Closed(1002)),
        (
            "pieces of more than 4 KiB together",
            [frame(TEXT_BEGINS, &[b' '; 3_000]), frame(GOES_ON, &[b' '; 3_000])].concat(),
            Closed(1009),
        ),
        ("100,000 empty pieces", [frame(TEXT_BEGINS, b""), frame(GOES_ON, b"").repeat(100_000)].concat(), Closed(1009)),
        ("100,000 pings", frame(PING, b"").repeat(100_000), Closed(4429)),
        ("a close of one byte", frame(CLOSE, b"x"), Closed(1002)),
        ("a close with code 999", close(999, b""), Closed(1002)),
        ("a close with code 1005", close(1005, b""), Closed(1002)),
        ("a close with code 5000", close(5000, b""), Closed(1002)),
        ("a close whose reason is not UTF-8", close(1000, b"\xff\xfe"), Closed(1002)),
        ("a close", close(1000, b"bye"), Closed(1000)),
        ("a close without a code", frame(CLOSE, b""), Closed(1000)),
        ("data after a close", [close(1000, b""), frame(TEXT, json)].concat(), Closed(1000)),
        ("an empty text", frame(TEXT, b""), BadFrame),
        ("a binary frame", frame(0x82, b"\x00\x01"), Closed(1003)),
        ("a length spelt too long", long_winded(json), Pong("7")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_probe_of_the_framing_gets_its_exact_answer_and_harms_nobody() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    let mut bystander = Clerk::new(&house, "s0002").await;
    for (what, bytes, wanted) in probes() {
        let mut wire = Wire::member(&house, &token).await;
        wire.send(&bytes).await;
        match wanted {
            Pong(t0) => assert_eq!(wire.text("pong").await["t0"].to_string(), t0, "{what}"),
            BadFrame => assert_eq!(wire.text("error").await["code"], "bad_frame", "{what}"),
            Closed(code) => {
                assert_eq!(wire.closed().await, code, "{what}");
                assert!(wire.ends_within(Duration::from_secs(3)).await, "{what}: the connection stays");
            }
        }
        bystander.say(&serde_json::json!({"t": "ping", "t0": 1})).await;
        let asked = Instant::now();
        bystander.hear("pong").await;
        assert!(asked.elapsed() < Duration::from_secs(1), "{what}: others waited {:?}", asked.elapsed());
    }
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_never_ends_is_cut_with_its_session() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    // Before hello five seconds are given, whatever trickles in.
    let mut wire = Wire::guest(&house, &token).await;
    wire.send(&[TEXT]).await;
    assert_eq!(wire.closed().await, 4408);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_frame_is_refused_by_its_head_and_not_gathered() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    let mut wire = Wire::member(&house, &token).await;
    // One gigabyte is promised; the answer comes after ten bytes of it.
    wire.send(&frame_as_long_as(TEXT, 1 << 30, b"only this")).await;
    assert_eq!(wire.closed().await, 1009);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_is_none_is_refused_by_status() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    let host = house.base.trim_start_matches("http://").to_owned();
    let good = |wish: &str| -> Vec<String> {
        let mut headers = vec![
            format!("Host: {host}"),
            format!("Authorization: Bearer {token}"),
            "Connection: Upgrade".to_owned(),
            "Upgrade: websocket".to_owned(),
            "Sec-WebSocket-Version: 13".to_owned(),
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
        ];
        headers.retain(|header| !header.starts_with(wish.split(':').next().expect("a name")));
        if wish.contains(": ") {
            headers.push(wish.to_owned());
        }
        headers
    };
    for (what, method, wish, status) in [
        ("all as it should be", "GET", "X-None", 101),
        ("no key", "GET", "Sec-WebSocket-Key", 400),
        ("a key that is no base64", "GET", "Sec-WebSocket-Key: ************************", 400),
        ("a short key", "GET", "Sec-WebSocket-Key: c2hvcnQ=", 400),
        ("version 12", "GET", "Sec-WebSocket-Version: 12", 426),
        ("no version", "GET", "Sec-WebSocket-Version", 400),
        ("no upgrade", "GET", "Upgrade", 400),
        ("another upgrade", "GET", "Upgrade: h2c", 400),
        ("no connection header", "GET", "Connection", 400),
        ("a post", "POST", "X-None", 404),
        ("nobody", "GET", "Authorization", 401),
    ] {
        let head = format!("{method} /ws HTTP/1.1\r\n{}\r\n\r\n", good(wish).join("\r\n"));
        let mut wire = Wire::connect(&house).await;
        wire.send(head.as_bytes()).await;
        let answer = wire.head().await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        if status == 400 || status == 426 {
            assert!(wire.body().await.contains("no_socket"), "{what}");
        }
        if status == 426 {
            assert!(answer.text.to_ascii_lowercase().contains("sec-websocket-version: 13"), "{}", answer.text);
        }
    }
    house.end().await;
}
