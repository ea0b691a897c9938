//! What a client must not be able to do: each wrong frame and body gets a clear answer, and nothing changes.

use super::{
    clerk::{Clerk, claim_id, connect},
    house::{House, PACK},
};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Counts of everything that a claim could change.
async fn traces(house: &House) -> (i64, i64) {
    (house.number("select count(*) from claims").await, house.number("select count(*) from outbox").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_frame_is_answered_and_changes_nothing() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let before = traces(&house).await;
    let (id, line) = (claim_id(), round.lines[0].as_str());
    let claim = |qty: &str| {
        format!(
            r#"{{"t":"claim","claim_id":"{id}","round_id":"{}","mode":"PARTIAL","lines":[{{"line_id":"{line}","qty":{qty}}}]}}"#,
            round.id
        )
    };
    // Quantities that are none are that claim's E20; nothing else about the frame is wrong.
    for qty in ["0", "-1", "1.5", "9007199254740993", "\"6\"", "null", "1e3", "10000001", "NaN"] {
        clerk.say_text(&claim(qty)).await;
        let answer = clerk.hear_that(|frame| frame["t"] == "verdict" || frame["t"] == "error").await;
        let code = answer["code"].as_str().unwrap_or_default();
        assert!(code == "E20" || (qty == "NaN" && code == "bad_frame"), "{qty}: {answer}");
        tokio::time::sleep(std::time::Duration::from_millis(220)).await;
    }
    let wrong = [
        "{}",
        "[]",
        "null",
        "{\"t\":\"clam\"}",
        "{\"t\":\"ping\"}",
        "{\"t\":\"hello\",\"client\":\"x\",\"version\":\"1\"}",
        "{\"t\":\"watch\",\"round_id\":\"7\"}",
        "{\"t\":\"claim_status\",\"round_id\":1,\"claim_id\":2}",
        "{\"t\":\"ping\",\"t0\":1,\"t0\":2}",
        "{\"t\":\"ping\",\"t0\":1,\"extra\":2}",
        "not json",
    ];
    for text in wrong {
        clerk.say_text(text).await;
        let answer = clerk.hear("error").await;
        assert_eq!(answer["code"], "bad_frame", "{text}: {answer}");
        assert!(!answer["text"].as_str().unwrap_or_default().is_empty());
    }
    clerk.say(&json!({"t": "watch", "round_id": claim_id()})).await;
    assert_eq!(clerk.hear("error").await["code"], "not_found");
    // After all that the session still works, and nothing was written.
    assert_eq!(traces(&house).await, before);
    assert_eq!(clerk.claim(&round, &id, &[(0, PACK)], "PARTIAL").await["status"], "won");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_break_the_framing_end_the_session_with_a_code() {
    let house = House::new().await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    clerk.say_text(&"x".repeat(70 * 1024)).await;
    assert_eq!(clerk.hear("closed").await["code"], 1009);
    let mut clerk = Clerk::new(&house, "s0001").await;
    for i in 0..1_000 {
        // The server may end the session before the burst is through.
        if clerk.socket.send(Message::text(json!({"t": "ping", "t0": i}).to_string())).await.is_err() {
            break;
        }
    }
    assert_eq!(clerk.hear("closed").await["code"], 4429);
    // Who says nothing, or something else first, is no member.
    let token = house.sign_in("s0001").await;
    let mut socket = connect(&house.base, &token).await;
    socket.send(Message::text("{\"t\":\"ping\",\"t0\":1}")).await.expect("sends");
    let mut guest = Clerk { token, socket, welcome: Value::Null };
    assert_eq!(guest.hear("closed").await["code"], 4400);
    assert_eq!(house.call(None, "GET", "/healthz", &Value::Null).await.0, 200, "the server is alive");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_wants_a_ticket_of_its_own_once() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    let (status, body) = house.call(Some(&token), "POST", "/api/v1/ws-tickets", &json!({})).await;
    assert_eq!(status, 201, "{body}");
    let ticket = body["ticket"].as_str().expect("a ticket").to_owned();
    let upgrade = async |query: &str, origin: Option<&str>| {
        let mut request = house.http.get(format!("{}/ws{query}", house.base));
        request = request.header("connection", "upgrade").header("upgrade", "websocket");
        request = request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    let plain = house.http.get(format!("{}/ws?ticket={ticket}", house.base)).send().await.expect("an answer");
    assert_eq!(plain.status().as_u16(), 400, "no handshake, and the ticket is still good");
    assert_eq!(upgrade("", None).await, 401);
    assert_eq!(upgrade(&format!("?ticket={ticket}&ticket={ticket}"), None).await, 401, "two tickets are none");
    assert_eq!(upgrade("?ticket=00", None).await, 401);
    assert_eq!(upgrade(&format!("?ticket={ticket}"), Some("https://evil.example")).await, 403);
    assert_eq!(upgrade(&format!("?ticket={ticket}"), Some(&house.base)).await, 101);
    assert_eq!(upgrade(&format!("?ticket={ticket}"), Some(&house.base)).await, 401, "a ticket opens one socket");
    house.end().await;
}
