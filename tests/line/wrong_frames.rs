//! Frames that are well made and wrong: each gets its exact answer, the session goes on or ends as it should, and nothing
//! is written.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK, Round},
    wire::Wire,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Everything that a frame could change.
async fn traces(house: &House) -> Vec<i64> {
    vec![
        house.number("select count(*) from claims").await,
        house.number("select count(*) from orders").await,
        house.number("select count(*) from outbox").await,
        house.number("select coalesce(sum(granted), 0)::bigint from offer_lines").await,
        house.number("select count(*) from round_events").await,
    ]
}

/// What a wrong frame is answered with: a type and a code.
fn answers(round: &Round, decided: &str) -> Vec<(String, &'static str, &'static str)> {
    let line = &round.lines[0];
    let claim = |claim_id: &str, round_id: &str, line_id: &str, qty: &str, mode: &str| {
        format!(
            r#"{{"t":"claim","claim_id":{claim_id},"round_id":{round_id},"mode":{mode},"lines":[{{"line_id":{line_id},"qty":{qty}}}]}}"#
        )
    };
    let text = |value: &str| json!(value).to_string();
    let (id, at, of, partial) = (text(&claim_id()), text(&round.id), text(line), text("PARTIAL"));
    let mut all = Vec::new();
    // Ids that are none: nobody could be answered under them.
    for odd in ["\"\"", "null", "7", "[]", "\"*\"", "\"{x}y\"", "\"a\\r\\nb\"", "\"\\u0000\"", "\"../\"", "\"\\ud800\""]
    {
        all.push((claim(odd, &at, &of, "6", &partial), "error", "bad_frame"));
        all.push((claim(&id, odd, &of, "6", &partial), "error", "bad_frame"));
        all.push((claim(&id, &at, odd, "6", &partial), "verdict", "E20"));
        all.push((format!(r#"{{"t":"watch","round_id":{odd}}}"#), "error", "bad_frame"));
        all.push((format!(r#"{{"t":"claim_status","round_id":{at},"claim_id":{odd}}}"#), "error", "bad_frame"));
    }
    all.push((claim(&text(&"a".repeat(256)), &at, &of, "6", &partial), "error", "bad_frame"));
    // Quantities and modes that are none are that claim's E20.
    let no_quantities = [
        "0",
        "-1",
        "1.0",
        "1.5",
        "\"1\"",
        "1e3",
        "2147483648",
        "10000001",
        "9007199254740993",
        "null",
        "[]",
        "{}",
        "true",
    ];
    for qty in no_quantities {
        all.push((claim(&id, &at, &of, qty, &partial), "verdict", "E20"));
    }
    for mode in ["\"partial\"", "\"\"", "null", "1"] {
        all.push((claim(&id, &at, &of, "6", mode), "verdict", "E20"));
    }
    all.push((claim(&id, &at, &of, "0x10", &partial), "error", "bad_frame"));
    // Rounds and lines that are not there, and ids that are taken by something else.
    all.push((claim(&id, &text(&claim_id()), &of, "6", &partial), "verdict", "E20"));
    all.push((claim(&id, &at, &text(&claim_id()), "6", &partial), "verdict", "E20"));
    all.push((claim(&text(decided), &at, &of, "12", &partial), "verdict", "E20"));
    all.push((claim(&text(decided), &at, &of, "6", &text("ALL_OR_NONE")), "verdict", "E20"));
    all.push((
        format!(r#"{{"t":"claim","claim_id":{id},"round_id":{at},"mode":{partial},"lines":[]}}"#),
        "verdict",
        "E20",
    ));
    let twice = format!(r#"{{"line_id":{of},"qty":6}},{{"line_id":{of},"qty":6}}"#);
    all.push((
        format!(r#"{{"t":"claim","claim_id":{id},"round_id":{at},"mode":{partial},"lines":[{twice}]}}"#),
        "verdict",
        "E20",
    ));
    for extra in ["\"store_id\":1,", "\"epoch\":1,", "\"epoch\":-1,", "\"at_ms\":0,"] {
        let more = format!(
            r#"{{{extra}"t":"claim","claim_id":{id},"round_id":{at},"mode":{partial},"lines":[{{"line_id":{of},"qty":6}}]}}"#
        );
        all.push((more, "verdict", "E20"));
    }
    // What is no object of ours.
    for odd in [
        "",
        " ",
        "{}",
        "[]",
        "1",
        "null",
        "true",
        "\"x\"",
        "{\"t\":1}",
        "{\"t\":\"\"}",
        "{\"t\":\"grab\"}",
        "{\"t\":\"PING\",\"t0\":1}",
        "\u{feff}{\"t\":\"ping\",\"t0\":1}",
        "{\"t\":\"ping\",\"t0\":1}x",
        "{\"t\":\"ping\",\"t0\":NaN}",
        "{\"t\":\"ping\",\"t0\":1e400}",
        "{\"t\":\"ping\",\"t0\":1,\"t0\":2}",
        "{\"t\":\"ping\",\"t\":\"ping\",\"t0\":1}",
        "{\"t\":\"ack\",\"store_seq\":7}",
        "{\"t\":\"subscribe\",\"store_id\":\"*\"}",
        "['ping']",
        "[\"ping\",1]",
        "{\"t\":\"ping\",\"t0\":\"\\ud800\"}",
        "{\"t\":\"hello\",\"client\":\"h5\",\"version\":\"1\"}",
    ] {
        all.push((odd.to_owned(), "error", "bad_frame"));
    }
    all.push(("[".repeat(4_000), "error", "bad_frame"));
    all.push((format!("{{\"t\":{}", "{\"a\":".repeat(700)), "error", "bad_frame"));
    all.push((format!(r#"{{"t":"watch","round_id":{}}}"#, text(&claim_id())), "error", "not_found"));
    all.push((
        format!(r#"{{"t":"claim_status","round_id":{at},"claim_id":{}}}"#, text(&claim_id())),
        "error",
        "not_found",
    ));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_frame_is_answered_exactly_and_writes_nothing() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;
    let decided = claim_id();
    assert_eq!(clerk.claim(&round, &decided, &[(0, PACK)], "PARTIAL").await["status"], "won");
    clerk.hear("ordered").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = traces(&house).await;
    for (frame, t, code) in answers(&round, &decided) {
        clerk.say_text(&frame).await;
        let answer = clerk.hear_that(|frame| frame["t"] == "verdict" || frame["t"] == "error").await;
        assert_eq!((answer["t"].as_str(), answer["code"].as_str()), (Some(t), Some(code)), "{frame}: {answer}");
        let told = answer["text"].as_str().is_some_and(|text| !text.is_empty());
        assert!(told || t == "verdict" && answer["status"] == "not_decided", "{answer}");
        // Slower than the rate of claims, so that each is looked at.
        tokio::time::sleep(Duration::from_millis(205)).await;
    }
    // Another store's id is nobody's verdict, and another store's claim is not told.
    let mut other = Clerk::new(&house, "s0002").await;
    assert_eq!(other.claim(&round, &decided, &[(0, PACK)], "PARTIAL").await["code"], "E20");
    other.say(&json!({"t": "claim_status", "round_id": round.id, "claim_id": decided})).await;
    assert_eq!(other.hear("error").await["code"], "not_found");
    assert_eq!(traces(&house).await, before);
    // The same id, said in capitals, is the same claim.
    assert_eq!(clerk.claim(&round, &decided, &[(0, PACK)], "PARTIAL").await["status"], "won");
    clerk.say(&json!({"t": "claim_status", "round_id": round.id, "claim_id": decided.to_uppercase()})).await;
    assert_eq!(clerk.hear("verdict").await["status"], "won");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_beginning_ends_with_its_code() {
    let house = House::new().await;
    let token = house.sign_in("s0001").await;
    let hello = |resume: &str| format!(r#"{{"t":"hello","client":"h5","version":"1","resume":{resume}}}"#);
    for (first, code) in [
        (hello("{\"store_seq\":18446744073709551616}"), 4400),
        (hello("{\"store_seq\":\"7\"}"), 4400),
        (hello("{\"store_seq\":7,\"store_id\":\"x\"}"), 4400),
        (hello("[7]"), 4400),
        (hello("7"), 4400),
        (r#"{"t":"hello","client":"\ud800","version":"1"}"#.to_owned(), 4400),
        (format!(r#"{{"t":"hello","client":"{}","version":"1"}}"#, "x".repeat(65)), 4400),
        (r#"{"t":"ping","t0":1}"#.to_owned(), 4400),
        (r#"{"t":"auth","ticket":"x"}"#.to_owned(), 4400),
        ("x".to_owned(), 4400),
        (hello("{\"store_seq\":9000000}"), 1013),
    ] {
        let mut wire = Wire::guest(&house, &token).await;
        wire.say(&first).await;
        assert_eq!(wire.closed().await, code, "{first}");
    }
    // What nobody ever had is no place to go on from.
    for first in [hello("{\"store_seq\":-1}"), r#"{"t":"hello","client":"\u0000\u202e🛒","version":"1"}"#.to_owned()]
    {
        let mut wire = Wire::guest(&house, &token).await;
        wire.say(&first).await;
        wire.text("welcome").await;
    }
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_with_anything_but_a_fresh_ticket_of_ones_own_ends_the_session() {
    let house = House::new().await;
    let (token, other) = (house.sign_in("s0001").await, house.sign_in("s0002").await);
    let ticket = async |token: &str| {
        let (_, body) = house.call(Some(token), "POST", "/api/v1/ws-tickets", &Value::Null).await;
        body["ticket"].as_str().expect("a ticket").to_owned()
    };
    let mut clerk = Clerk::new(&house, "s0001").await;
    let used = ticket(&token).await;
    clerk.say(&json!({"t": "auth", "ticket": used})).await;
    // Renewing twice is nothing special.
    clerk.say(&json!({"t": "auth", "ticket": ticket(&token).await})).await;
    clerk.say(&json!({"t": "ping", "t0": 1})).await;
    clerk.hear("pong").await;
    let wrong = [used, String::new(), "x".repeat(64), "0".repeat(64), token.clone()];
    for ticket in wrong {
        let mut clerk = Clerk::new(&house, "s0001").await;
        clerk.say(&json!({"t": "auth", "ticket": ticket})).await;
        assert_eq!(clerk.hear("closed").await["code"], 4401, "{ticket}");
    }
    let mut clerk = Clerk::new(&house, "s0001").await;
    clerk.say(&json!({"t": "auth", "ticket": ticket(&other).await})).await;
    assert_eq!(clerk.hear("closed").await["code"], 4403);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_claims_at_once_cost_one_session_its_place_and_nobody_else() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut flood = Clerk::new(&house, "s0001").await;
    let mut neighbour = Clerk::new(&house, "s0002").await;
    house.open(&round).await;
    let lines = json!([{"line_id": round.lines[0], "qty": PACK}]);
    let mut frames = Vec::new();
    for _ in 0..1_000 {
        frames.push(
            json!({"t": "claim", "claim_id": claim_id(), "round_id": round.id, "lines": lines, "mode": "PARTIAL"}),
        );
    }
    let flooding = async {
        for frame in &frames {
            // It is sent away before it is through.
            if flood.try_say(frame).await.is_err() {
                break;
            }
        }
        flood.hear("closed").await["code"].clone()
    };
    let (code, verdict) = tokio::join!(flooding, neighbour.claim(&round, &round.lines[0], &[(0, PACK)], "PARTIAL"));
    assert_eq!(code, 4429);
    assert_eq!(verdict["status"], "won", "{verdict}");
    house.books_eventually_right(2).await;
    let claims = house.number("select count(*) from claims").await;
    assert!(claims <= 16 + 5, "{claims} of a thousand were decided");
    house.end().await;
}
