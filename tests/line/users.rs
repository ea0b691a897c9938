//! Somebody is signed out while working: from the administrator's answer on, nothing is decided for the sessions of before.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, PACK, Round},
};
use crate::servers;
use futures_util::SinkExt;
use graborder::{
    app::{self, Roles},
    auth::{Tokens, token::Person},
    domain::{
        claim::{Claim, ClaimLine, ClaimMode},
        clock,
        ids::{ClaimId, PoolId, UserId},
        role::Role,
    },
    hot::{ClaimAnswer, ClaimReply, HotPool},
};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tokio_tungstenite::tungstenite::Message;

const RACES: i64 = 50;

async fn user_id(house: &House, login: &str) -> UserId {
    let token = house.sign_in(login).await;
    house.get(&token, "/api/v1/me").await["user_id"].as_str().expect("an id").parse().expect("an id")
}

/// A token of the first store's clerk as it would be signed under this version.
fn token(house: &House, user_id: UserId, auth_version: i64) -> String {
    let tokens =
        Tokens::new(&house.settings.tokens.secret.clone().into(), chrono::Duration::minutes(5)).expect("a long secret");
    let role = Role::StoreStaff;
    let who = Person { user_id, role, store_id: Some(house.stores[0]), pool: PoolId::main(), auth_version };
    tokens.issue(&who, clock::now()).expect("signs").0
}

async fn sign_out(house: &House, admin: &str, user_id: UserId) {
    let path = format!("/api/v1/users/{user_id}/sign-out");
    let (status, body) = house.call(Some(admin), "POST", &path, &json!({"reason": "test"})).await;
    assert_eq!(status, 204, "{body}");
}

fn claim_frame(round: &Round, id: &str) -> String {
    let lines = json!([{"line_id": round.lines[0], "qty": PACK}]);
    json!({"t": "claim", "claim_id": id, "round_id": round.id, "lines": lines, "mode": "PARTIAL"}).to_string()
}

/// Claims without end, until the socket takes no more or the others' answer is 50 ms old. Those sent after the answer.
async fn claim_on(clerk: &mut Clerk, round: &Round, answered: &AtomicBool) -> Vec<String> {
    let mut late = Vec::new();
    let mut until = None;
    while until.is_none_or(|until| Instant::now() < until) {
        let (id, is_late) = (claim_id(), answered.load(Ordering::SeqCst));
        if is_late {
            until.get_or_insert_with(|| Instant::now() + Duration::from_millis(50));
            late.push(id.clone());
        }
        if clerk.socket.send(Message::text(claim_frame(round, &id))).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    late
}

/// The same past every door, straight to the script, as a node might that has not heard yet. How many were not decided
/// after the answer; all of them, or it panics.
async fn claim_past_the_doors(
    (hot, house, round): (&HotPool, &House, &Round),
    user_id: UserId,
    auth_version: i64,
    answered: &AtomicBool,
) -> usize {
    let (mut claimer, epoch) = (hot.claimer().await.expect("connects"), hot.head().await.expect("reads").epoch);
    let mut late = 0;
    while late < 20 {
        let is_late = answered.load(Ordering::SeqCst);
        let claim = claim_under(house, round, user_id, auth_version);
        let reply = claimer.claim(epoch, clock::now_ms() + 2_000, 100_000, claim.round_id, &[&claim]).await;
        let ClaimReply::Ok { replies, .. } = reply.expect("answers") else { panic!("the pool does not decide") };
        if is_late {
            assert_eq!(replies, [ClaimAnswer::SignedOut]);
            late += 1;
        }
    }
    late
}

fn claim_under(house: &House, round: &Round, user_id: UserId, auth_version: i64) -> Claim {
    let line = ClaimLine { line_id: round.lines[0].parse().expect("an id"), qty: PACK };
    let (round_id, store_id) = (round.id.parse().expect("an id"), house.stores[0]);
    let claim = Claim::new(ClaimId::new(), round_id, store_id, user_id, auth_version, ClaimMode::Partial, vec![line]);
    claim.expect("well formed")
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_after_the_administrators_answer_are_never_decided_and_the_socket_closes_within_a_second() {
    let house = House::new().await;
    // The clerk's node is another than the administrator's, and no limiter hides what the script does.
    let mut settings = house.settings.clone();
    (settings.grab.session_claims_per_s, settings.grab.store_claims_per_s) = (10_000, 10_000);
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    let base = format!("http://{}", node.address.expect("an address"));
    let closes_at = super::house::at(super::house::chrono_now() + Duration::from_secs(600));
    let round = house.round(json!({"closes_at": closes_at})).await;
    let (admin, user_id) = (house.sign_in("admin").await, user_id(&house, "s0001").await);
    house.open(&round).await;

    let hot = house.node.hot.pool(&PoolId::main());
    let (mut decided, mut late_claims, mut late_calls) = (0, 0, 0);
    for race in 1..=RACES {
        let mut clerk = Clerk::with_token(&base, &token(&house, user_id, race), Value::Null).await;
        let answered = AtomicBool::new(false);
        let signing_out = async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            sign_out(&house, &admin, user_id).await;
            answered.store(true, Ordering::SeqCst);
            Instant::now()
        };
        let past_the_doors = claim_past_the_doors((&hot, &house, &round), user_id, race, &answered);
        let (late, calls, answered_at) =
            tokio::join!(claim_on(&mut clerk, &round, &answered), past_the_doors, signing_out);
        late_claims += late.len();
        late_calls += calls;
        let (mut bye, mut closed) = (0, 0);
        while let Some(frame) = clerk.next().await {
            let id = frame["claim_id"].as_str().unwrap_or_default();
            match frame["t"].as_str() {
                Some("bye") => bye = frame["code"].as_i64().unwrap_or(0),
                Some("closed") => {
                    closed = frame["code"].as_i64().unwrap_or(0);
                    break;
                }
                Some("verdict") if frame["status"] != "not_decided" => {
                    assert!(!late.iter().any(|late| late == id), "decided after the answer: {frame}");
                    decided += 1;
                }
                _ => {}
            }
        }
        assert!(answered_at.elapsed() < Duration::from_secs(1), "{:?}", answered_at.elapsed());
        assert_eq!((bye, closed), (4401, 4401), "race {race}");
        // Silence is no proof: Redis holds no verdict on them either.
        for id in &late {
            let round_id = round.id.parse().expect("an id");
            assert_eq!(hot.verdict(round_id, id.parse().expect("an id")).await.expect("reads"), None, "race {race}");
        }
    }
    // The races were races.
    assert!(decided > RACES, "{decided} decided before their answers");
    println!(
        "{RACES} races: {decided} decided before the answer, {late_claims} claims and {late_calls} calls after it"
    );
    house.books_eventually_right(1).await;
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_signed_out_meets_shut_doors_everywhere_and_comes_back_with_the_password() {
    let house = House::new().await;
    let (node, base) = house.second_node().await;
    let round = house.round(json!({})).await;
    let (admin, before) = (house.sign_in("admin").await, house.sign_in("s0001").await);
    let user_id = user_id(&house, "s0001").await;
    let (status, ticket) = house.call(Some(&before), "POST", "/api/v1/ws-tickets", &json!({})).await;
    assert_eq!(status, 201, "{ticket}");
    let mut here = Clerk::with_token(&house.base, &before, Value::Null).await;
    let mut there = Clerk::with_token(&base, &before, Value::Null).await;
    let mut other = Clerk::new(&house, "m0001").await;
    house.open(&round).await;
    let won = claim_id();
    assert_eq!(here.claim(&round, &won, &[(0, PACK)], "PARTIAL").await["status"], "won");

    sign_out(&house, &admin, user_id).await;
    let answered = Instant::now();
    for clerk in [&mut here, &mut there] {
        assert_eq!(clerk.hear("bye").await["code"], 4401);
        assert_eq!(clerk.hear("closed").await["code"], 4401);
    }
    assert!(answered.elapsed() < Duration::from_secs(1), "{:?}", answered.elapsed());
    let (status, body) = house.call(Some(&before), "GET", "/api/v1/me", &Value::Null).await;
    assert_eq!((status, &body["code"]), (401, &json!("sign_in")));
    let claim: Value = json!({
        "claim_id": claim_id(), "round_id": round.id, "mode": "PARTIAL",
        "lines": [{"line_id": round.lines[0], "qty": PACK}],
    });
    let (status, body) = house.call(Some(&before), "POST", "/api/v1/claims", &claim).await;
    assert_eq!((status, &body["code"]), (401, &json!("sign_in")));
    // The ticket was drawn in time and opens nothing; neither does it renew another session.
    for base in [&house.base, &base] {
        let address = format!("{base}/ws?ticket={}", ticket["ticket"].as_str().expect("a ticket"));
        let handshake = house.http.get(&address).header("connection", "upgrade").header("upgrade", "websocket");
        let handshake =
            handshake.header("sec-websocket-version", "13").header("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==");
        let refused = handshake.send().await.expect("an answer");
        assert_eq!(refused.status().as_u16(), 401);
    }
    other.say(&json!({"t": "ping", "t0": 1})).await;
    other.hear("pong").await;

    let mut again = Clerk::new(&house, "s0001").await;
    let known = again.claim(&round, &won, &[(0, PACK)], "PARTIAL").await;
    assert_eq!(known["status"], "won", "what was decided stays decided: {known}");
    assert_eq!(again.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_sent_away_or_becomes_somebody_else_is_parted_from_what_was_open() {
    let house = House::new().await;
    let admin = house.sign_in("admin").await;
    for (login, method, act, body) in [
        ("s0001", "POST", "/disable", json!({"reason": "test"})),
        ("s0002", "POST", "/reset-password", json!({"reason": "test"})),
        ("s0003", "PATCH", "", json!({"reason": "test", "role": "store_manager"})),
    ] {
        let mut clerk = Clerk::new(&house, login).await;
        let path = format!("/api/v1/users/{}{act}", user_id(&house, login).await);
        let (status, answer) = house.call(Some(&admin), method, &path, &body).await;
        assert_eq!(status, 200, "{act}: {answer}");
        let answered = Instant::now();
        assert_eq!(clerk.hear("closed").await["code"], 4401, "{act}");
        assert!(answered.elapsed() < Duration::from_secs(1), "{act}: {:?}", answered.elapsed());
        let (status, _) = house.call(Some(&clerk.token), "GET", "/api/v1/me", &Value::Null).await;
        assert_eq!(status, 401, "{act}");
    }
    house.end().await;
}

/// What the script itself says to a claim under this version, once the pool decides.
async fn decide(hot: &HotPool, house: &House, round: &Round, user_id: UserId, auth_version: i64) -> ClaimAnswer {
    for _ in 0..400 {
        let claim = claim_under(house, round, user_id, auth_version);
        let asked = async {
            let epoch = hot.head().await?.epoch;
            hot.claimer().await?.claim(epoch, clock::now_ms() + 2_000, 1_000, claim.round_id, &[&claim]).await
        };
        match asked.await {
            Ok(ClaimReply::Ok { replies, .. }) => return replies[0].clone(),
            Ok(_) | Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
    panic!("the pool never decided");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_was_lost_and_rebuilt_does_not_let_the_old_session_in() {
    let mut redis = servers::own_redis().await;
    let house = House::on(redis.url()).await;
    let round = house.round(json!({})).await;
    let (admin, before) = (house.sign_in("admin").await, house.sign_in("s0001").await);
    let user_id = user_id(&house, "s0001").await;
    house.open(&round).await;
    let hot = house.node.hot.pool(&PoolId::main());
    assert!(matches!(decide(&hot, &house, &round, user_id, 1).await, ClaimAnswer::Decided(_)));
    sign_out(&house, &admin, user_id).await;

    redis.kill_9().await.expect("dies");
    tokio::time::sleep(Duration::from_millis(300)).await;
    redis.restart().await.expect("comes back");
    assert_eq!(decide(&hot, &house, &round, user_id, 1).await, ClaimAnswer::SignedOut);
    assert!(matches!(decide(&hot, &house, &round, user_id, 2).await, ClaimAnswer::Decided(_)));
    // Nor does a node that knows only the books.
    let (node, base) = house.second_node().await;
    let answer = house.http.get(format!("{base}/api/v1/me")).bearer_auth(&before).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 401);
    let mut again = Clerk::new(&house, "s0001").await;
    assert_eq!(again.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_socket_and_every_claim_of_the_device() {
    let house = House::new().await;
    let login = json!({"login": "s0001", "password": super::house::PASSWORD});
    let (_, signed_in) = house.call(None, "POST", "/api/v1/auth/login", &login).await;
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::with_token(&house.base, &token, serde_json::Value::Null).await;
    house.open(&round).await;
    let refresh = json!({"refresh_token": signed_in["refresh_token"]});
    let (status, body) = house.call(None, "POST", "/api/v1/auth/logout", &refresh).await;
    assert_eq!(status, 204, "{body}");
    let claim = json!({"claim_id": claim_id(), "round_id": round.id, "mode": "PARTIAL",
        "lines": [{"line_id": round.lines[0], "qty": PACK}]});
    assert_eq!(house.call(Some(&token), "POST", "/api/v1/claims", &claim).await.0, 401);
    assert_eq!(house.call(Some(&token), "POST", "/api/v1/ws-tickets", &json!({})).await.0, 401);
    assert_eq!(clerk.hear("bye").await["code"], 4401);
    assert_eq!(house.number("select count(*) from claims").await, 0);
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_suspension_was_answered_wins_nothing_more() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0002").await;
    house.open(&round).await;
    let path = format!("/api/v1/stores/{}", house.stores[1]);
    for (until, status) in [(json!("2199-01-01T00:00:00Z"), "refused"), (json!(null), "won")] {
        let (answer, body) =
            house.call(Some(&round.supervisor), "PATCH", &path, &json!({"suspended_until": until})).await;
        assert_eq!(answer, 200, "{body}");
        let verdict = clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
        assert_eq!(verdict["status"], status, "{verdict}");
    }
    house.end().await;
}
