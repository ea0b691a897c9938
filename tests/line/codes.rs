//! Every code that a claim can get, provoked through the public doors with real state.

use super::{
    clerk::{Clerk, claim_id},
    house::{House, NEED, PACK, PRICE_CENTS, at, chrono_now},
};
use serde_json::{Value, json};
use std::time::Duration;

/// Status, code and numbers of a verdict.
fn said(verdict: &Value) -> (&str, &str, &Value) {
    (verdict["status"].as_str().unwrap_or_default(), verdict["code"].as_str().unwrap_or_default(), &verdict["numbers"])
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_opening_and_before_the_own_stage_nothing_is_decided() {
    let house = House::new().await;
    let now = chrono_now();
    let round = house
        .round(json!({
            "opens_at": at(now + Duration::from_secs(3)), "closes_at": at(now + Duration::from_secs(60)),
            "stores": [{"store_id": house.stores[0]}, {"store_id": house.stores[1], "offset_ms": 3_600_000}],
        }))
        .await;
    let mut first = Clerk::new(&house, "s0001").await;
    let mut second = Clerk::new(&house, "s0002").await;
    let mut stranger = Clerk::new(&house, "s0003").await;
    house.until(&round, "OPEN").await;
    let early = first.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
    let (status, code, numbers) = said(&early);
    assert_eq!((status, code), ("not_decided", "E01"), "{early}");
    assert!(numbers["recv_at_ms"].as_i64() < numbers["opens_at_ms"].as_i64(), "{early}");
    house.open(&round).await;
    let stage = second.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
    assert_eq!((said(&stage).0, said(&stage).1), ("not_decided", "E03"), "{stage}");
    let uninvited = stranger.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
    assert_eq!((said(&uninvited).0, said(&uninvited).1), ("refused", "E04"), "{uninvited}");
    assert_eq!(first.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_store_is_refused_until_the_suspension_is_lifted() {
    let house = House::new().await;
    let round = house.round(json!({})).await;
    let mut clerk = Clerk::new(&house, "s0001").await;
    house.open(&round).await;
    let path = format!("/api/v1/stores/{}", house.stores[0]);
    let until = at(chrono_now() + Duration::from_secs(3600));
    let (status, body) = house.call(Some(&round.supervisor), "PATCH", &path, &json!({"suspended_until": until})).await;
    assert_eq!(status, 200, "{body}");
    let refused = house.eventually(|| clerk_claim(&house, "s0001", &round), |verdict| verdict["code"] == "E05").await;
    assert_eq!(refused["status"], "refused", "{refused}");
    let (status, _) = house.call(Some(&round.supervisor), "PATCH", &path, &json!({"suspended_until": null})).await;
    assert_eq!(status, 200);
    house.eventually(|| clerk_claim(&house, "s0001", &round), |verdict| verdict["status"] == "won").await;
    assert_eq!(clerk.claim(&round, &claim_id(), &[(0, PACK)], "PARTIAL").await["status"], "won");
    house.end().await;
}

/// A fresh claim for one pack, over HTTP.
async fn clerk_claim(house: &House, login: &str, round: &super::house::Round) -> Value {
    let token = house.sign_in(login).await;
    let body = json!({"claim_id": claim_id(), "round_id": round.id, "mode": "PARTIAL",
                      "lines": [{"line_id": round.lines[0], "qty": PACK}]});
    house.call(Some(&token), "POST", "/api/v1/claims", &body).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_refused_by_listing_stock_pack_and_minimum() {
    let house = House::new().await;
    let mut at_least_two = house.line(2, 60 * PACK);
    at_least_two["min_claim"] = json!(2 * PACK);
    let round = house
        .round(json!({"lines": [house.line(0, 60 * PACK), house.line(1, 60 * PACK), at_least_two, house.line(3, 60 * PACK)]}))
        .await;
    let mut plain = Clerk::new(&house, "s0001").await;
    let mut unlisted = Clerk::new(&house, "s0005").await;
    house.open(&round).await;
    let verdict = unlisted.claim(&round, &claim_id(), &[(1, PACK)], "PARTIAL").await;
    assert_eq!((said(&verdict).0, said(&verdict).1), ("refused", "E06"), "{verdict}");
    let verdict = plain.claim(&round, &claim_id(), &[(3, PACK)], "PARTIAL").await;
    assert_eq!(said(&verdict), ("refused", "E07", &json!({"net": 2 * NEED, "gate": NEED})), "{verdict}");
    let verdict = plain.claim(&round, &claim_id(), &[(0, PACK + 1)], "PARTIAL").await;
    assert_eq!(said(&verdict), ("refused", "E08", &json!({"pack": PACK, "asked": PACK + 1, "fix": PACK})), "{verdict}");
    let verdict = plain.claim(&round, &claim_id(), &[(2, PACK)], "PARTIAL").await;
    assert_eq!(said(&verdict), ("refused", "E09", &json!({"min": 2 * PACK, "asked": PACK})), "{verdict}");
    // A partial basket gets what it can; an all-or-none basket nothing, and says why.
    let verdict = plain.claim(&round, &claim_id(), &[(0, PACK), (3, PACK)], "PARTIAL").await;
    assert_eq!((said(&verdict).0, said(&verdict).1), ("partly_won", "E07"), "{verdict}");
    let verdict = plain.claim(&round, &claim_id(), &[(0, PACK), (3, PACK)], "ALL_OR_NONE").await;
    assert_eq!((said(&verdict).0, said(&verdict).1), ("refused", "E07"), "{verdict}");
    house.books_eventually_right(2).await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cap_shrinks_a_partial_claim_and_refuses_the_next() {
    let house = House::new().await;
    // What limits, with which policy, for which store; then: units granted of ten packs asked, the code, and its numbers.
    let cases = [
        ("need", json!({}), 0, 10 * PACK, "", json!(null)),
        (
            "round",
            json!({"cap_round": 4 * PACK}),
            1,
            4 * PACK,
            "E11",
            json!({"cap": 4 * PACK, "taken": 0, "left": 4 * PACK}),
        ),
        (
            "period",
            json!({"cap_period": 3 * PACK}),
            2,
            3 * PACK,
            "E12",
            json!({"cap": 3 * PACK, "taken": 0, "left": 3 * PACK, "span": "period"}),
        ),
        (
            "day",
            json!({"cap_day": 2 * PACK}),
            3,
            2 * PACK,
            "E12",
            json!({"cap": 2 * PACK, "taken": 0, "left": 2 * PACK, "span": "day"}),
        ),
        ("dock", json!({}), 4, 2 * PACK, "E17", json!({"cap": 2 * PACK, "left": 2 * PACK})),
        (
            "credit",
            json!({}),
            5,
            3 * PACK,
            "E13",
            json!({"short_cents": 7 * PACK * PRICE_CENTS, "left_cents": 3 * PACK * PRICE_CENTS, "need_cents": 10 * PACK * PRICE_CENTS}),
        ),
    ];
    let now = chrono_now();
    let mut rounds = Vec::new();
    for (name, policy, store, ..) in &cases {
        rounds.push(
            house
                .round(json!({
                    "name": name, "policy": policy, "stores": [{"store_id": house.stores[*store]}],
                    "opens_at": at(now + Duration::from_secs(6)), "closes_at": at(now + Duration::from_secs(90)),
                }))
                .await,
        );
    }
    for (round, (name, _, store, granted, code, numbers)) in rounds.iter().zip(&cases) {
        house.open(round).await;
        let mut clerk = Clerk::new(&house, &format!("s{}", super::house::STORES[*store])).await;
        let verdict = clerk.claim(round, &claim_id(), &[(0, 10 * PACK)], "ALL_OR_NONE").await;
        if code.is_empty() {
            assert_eq!(verdict["status"], "won", "{name}: {verdict}");
        } else {
            assert_eq!(said(&verdict), ("refused", *code, numbers), "{name}: {verdict}");
            let verdict = clerk.claim(round, &claim_id(), &[(0, 10 * PACK)], "PARTIAL").await;
            assert_eq!((said(&verdict).0, said(&verdict).1), ("partly_won", *code), "{name}: {verdict}");
            assert_eq!(verdict["lines"][0]["granted"], *granted, "{name}: {verdict}");
        }
        // Nothing is left under the cap: of need it is the line's, E10.
        let verdict = clerk.claim(round, &claim_id(), &[(0, PACK)], "PARTIAL").await;
        let expected = if code.is_empty() { "E10" } else { code };
        assert_eq!((said(&verdict).0, said(&verdict).1), ("refused", expected), "{name}: {verdict}");
    }
    house.books_eventually_right(6).await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sold_out_says_when_and_two_taps_too_many_are_too_fast() {
    let house = House::new().await;
    let round = house.round(json!({"lines": [house.line(0, PACK)]})).await;
    let mut winner = Clerk::new(&house, "s0001").await;
    let mut late = Clerk::new(&house, "s0002").await;
    house.open(&round).await;
    assert_eq!(winner.claim(&round, &claim_id(), &[(0, PACK)], "ALL_OR_NONE").await["status"], "won");
    let verdict = late.claim(&round, &claim_id(), &[(0, PACK)], "ALL_OR_NONE").await;
    let (status, code, numbers) = said(&verdict);
    assert_eq!((status, code, &numbers["left"]), ("refused", "E14", &json!(0)), "{verdict}");
    assert!(numbers["sold_out_at_ms"].as_i64() <= numbers["recv_at_ms"].as_i64(), "{verdict}");
    // Unknown lines, and lines of another round, are E20 and decide nothing.
    let wrong = json!({"t": "claim", "claim_id": claim_id(), "round_id": round.id, "mode": "PARTIAL",
                       "lines": [{"line_id": claim_id(), "qty": PACK}]});
    late.say(&wrong).await;
    assert_eq!(said(&late.hear("verdict").await), ("not_decided", "E20", &json!({})));
    // Five a second a session: a burst of twenty gets E16 for most, each with the time to wait.
    for _ in 0..20 {
        let claim = json!({"t": "claim", "claim_id": claim_id(), "round_id": round.id, "mode": "PARTIAL",
                           "lines": [{"line_id": round.lines[0], "qty": PACK}]});
        late.say(&claim).await;
    }
    let too_fast = late.hear_that(|frame| frame["code"] == "E16").await;
    assert_eq!(too_fast["status"], "not_decided");
    assert!(too_fast["numbers"]["retry_after_ms"].as_i64() > Some(0), "{too_fast}");
    house.end().await;
}
