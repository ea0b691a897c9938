//! From draft to SCHEDULED.

use super::world::{NEED, World, sell_every_day};
use chrono::{Duration, NaiveDate, TimeZone, Utc};
use graborder::{
    domain::round::{Policy, RoundState},
    rounds::{Edit, Error, FlawKind, InvitedStores, NewInvitation},
    storage::{rounds, status},
};
use std::collections::BTreeSet;

#[tokio::test]
async fn publishing_pledges_stock_freezes_needs_and_tells_every_store() {
    let world = World::new(3, 2).await;
    sell_every_day(&mut world.connection().await, 20, NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date")).await;
    let id = world.rounds.draft(world.plan(60_000, 600), world.boss).await.expect("drafts");
    assert_eq!(world.figure("select count(*) from outbox where $1::uuid is not null", id.0).await, 0, "nobody is told");
    world.rounds.publish(id, world.boss).await.expect("publishes");

    assert_eq!(world.state(id).await, RoundState::Scheduled);
    assert_eq!(
        world.figure("select sum(pledged)::bigint from stock_levels where site_id = $1", world.warehouse.0).await,
        1_200
    );
    let pledged =
        "select count(*) from movements where doc_id = $1 and kind = 'PLEDGE' and bucket = 'pledged' and delta = 600";
    assert_eq!(world.figure(pledged, id.0).await, 2);
    world.books_agree().await;
    // 560 units in 28 days are 20 a day; a week of cover is 140, the store has none, and whole cases of 6 give 144.
    let needs = "select count(*) from invitation_lines
                  where round_id = $1 and listed and net = 0 and target = 140 and need = 140 and ads_milli = 20000
                    and gate = 140 and need_cap = 144";
    assert_eq!(world.figure(needs, id.0).await, 6);
    let told = "select count(*) from outbox where round_id = $1 and event ->> 'notice' = 'invited' and store_seq = 1";
    assert_eq!(world.figure(told, id.0).await, 3);
    let states = "select count(*) from outbox where round_id = $1 and event ->> 't' in ('round', 'board')";
    assert_eq!(world.figure(states, id.0).await, 2);
    let status = status::round_status(&mut world.connection().await, id).await.expect("status");
    assert_eq!((status.state, status.lines[0].left), (RoundState::Scheduled, 600));
}

#[tokio::test]
async fn a_round_without_enough_stock_is_refused_with_the_numbers_and_nothing_changes() {
    let world = World::new(2, 3).await;
    let mut plan = world.plan(60_000, 600);
    plan.lines[0].pledged = 100_001;
    plan.lines[2].pledged = 250_000;
    let id = world.rounds.draft(plan, world.boss).await.expect("drafts");
    let Err(Error::NotEnoughStock(short)) = world.rounds.publish(id, world.boss).await else {
        panic!("must be refused");
    };
    let numbers: Vec<_> = short.iter().map(|line| (line.line_no, line.asked, line.available)).collect();
    assert_eq!(numbers, [(1, 100_001, 100_000), (3, 250_000, 100_000)]);
    assert_eq!(world.state(id).await, RoundState::Draft);
    assert_eq!(
        world.figure("select sum(pledged)::bigint from stock_levels where site_id = $1", world.warehouse.0).await,
        0
    );
    assert_eq!(world.figure("select count(*) from invitation_lines where round_id = $1", id.0).await, 0);
    assert_eq!(world.figure("select count(*) from outbox where round_id = $1", id.0).await, 0);
}

#[tokio::test]
async fn two_rounds_cannot_pledge_the_same_units() {
    let world = World::new(1, 1).await;
    let first = world.rounds.draft(world.plan(60_000, 60_000), world.boss).await.expect("drafts");
    let second = world.rounds.draft(world.plan(60_000, 60_000), world.boss).await.expect("drafts");
    let (a, b) = tokio::join!(world.rounds.publish(first, world.boss), world.rounds.publish(second, world.boss));
    assert_eq!([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), 1, "{a:?} {b:?}");
    assert_eq!(world.figure("select pledged from stock_levels where site_id = $1", world.warehouse.0).await, 60_000);
}

#[tokio::test]
async fn codes_name_the_local_day_of_opening_and_are_never_shared() {
    let world = World::new(1, 1).await;
    let mut plan = world.plan(0, 6);
    // Half past midnight of the 27th in Shanghai, still the 26th in UTC.
    plan.opens_at = Utc.with_ymd_and_hms(2030, 11, 26, 16, 30, 0).single().expect("a time");
    plan.closes_at = plan.opens_at + Duration::minutes(5);
    let drafts = (0..8).map(|_| world.rounds.draft(plan.clone(), world.boss));
    for drafted in futures_util::future::join_all(drafts).await {
        drafted.expect("drafts");
    }
    let codes: Vec<String> = sqlx::query_scalar("select code from rounds").fetch_all(&world.db.0).await.expect("codes");
    let expected: BTreeSet<String> = (1..=8).map(|n| format!("R20301127-{n:02}")).collect();
    assert_eq!(codes.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn days_and_periods_are_local_to_the_chain_and_fixed_at_publish() {
    let world = World::new(1, 1).await;
    let mut plan = world.plan(0, 6);
    plan.opens_at = Utc.with_ymd_and_hms(2030, 11, 26, 16, 30, 0).single().expect("a time");
    plan.closes_at = plan.opens_at + Duration::minutes(5);
    plan.policy = Policy { period_days: 7, deliver_in_days: 2, ..Policy::default() };
    let id = world.rounds.draft(plan, world.boss).await.expect("drafts");
    world.rounds.publish(id, world.boss).await.expect("publishes");
    let round = rounds::round(&mut world.connection().await, id).await.expect("reads").expect("exists");
    let date = |day| NaiveDate::from_ymd_opt(2030, 11, day);
    // 1970-01-01 was a Thursday, and weeks are counted from it: the Thursday before Wednesday the 27th is the 21st.
    assert_eq!((round.day, round.period, round.dock_day), (date(27), date(21), date(29)));
}

#[tokio::test]
async fn limits_of_stores_are_frozen_at_publish() {
    let world = World::new(2, 1).await;
    let mut plan = world.plan(60_000, 600);
    plan.policy = Policy { need_percent: 50, cap_round: Some(30), gate_percent: Some(90), ..Policy::default() };
    plan.stores = InvitedStores::These(vec![
        NewInvitation { cap_round: Some(12), offset_ms: 500, ..NewInvitation::plain(world.stores[0]) },
        NewInvitation::plain(world.stores[1]),
    ]);
    let id = world.rounds.draft(plan, world.boss).await.expect("drafts");
    sqlx::query("update stores set credit_limit_cents = 7").execute(&world.db.0).await.expect("updates");
    world.rounds.publish(id, world.boss).await.expect("publishes");
    sqlx::query("update stores set credit_limit_cents = 8").execute(&world.db.0).await.expect("updates");

    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "select offset_ms, cap_round, credit_limit_cents from invitations where round_id = $1 order by store_id",
    )
    .bind(id)
    .fetch_all(&world.db.0)
    .await
    .expect("invitations");
    assert_eq!(rows, [(500, 12, 7), (0, 30, 7)]);
    let half =
        "select count(*) from invitation_lines where round_id = $1 and need = 60 and need_cap = 30 and gate = 54";
    assert_eq!(world.figure(half, id.0).await, 2);
    assert_eq!(NEED, 60);
}

#[tokio::test]
async fn a_draft_is_changed_only_by_who_read_its_newest_version() {
    let world = World::new(2, 2).await;
    let id = world.rounds.draft(world.plan(60_000, 600), world.boss).await.expect("drafts");
    let version = world.rounds.version(id).await.expect("version");
    let edit = Edit { name: Some("Bread".to_owned()), lines: Some(vec![world.line(1, 12)]), ..Edit::default() };
    let newer = world.rounds.edit(id, version, edit.clone(), world.boss).await.expect("edits");
    assert!(matches!(world.rounds.edit(id, version, edit.clone(), world.boss).await, Err(Error::Version)));
    assert_eq!(world.figure("select sum(pledged)::bigint from offer_lines where round_id = $1", id.0).await, 12);
    world.rounds.publish(id, world.boss).await.expect("publishes");
    assert!(matches!(world.rounds.edit(id, newer, edit, world.boss).await, Err(Error::State(RoundState::Scheduled))));
    assert!(matches!(world.rounds.publish(id, world.boss).await, Err(Error::State(RoundState::Scheduled))));
}

#[tokio::test]
async fn every_flaw_of_a_draft_is_named_at_once() {
    let world = World::new(1, 1).await;
    let mut plan = world.plan(60_000, 0);
    plan.name = "  ".to_owned();
    plan.closes_at = plan.opens_at;
    plan.lines.push(plan.lines[0].clone());
    plan.stores = InvitedStores::These(vec![]);
    let Err(Error::Flawed(flaws)) = world.rounds.draft(plan.clone(), world.boss).await else {
        panic!("must be refused")
    };
    let named: Vec<(&str, FlawKind)> = flaws.iter().map(|flaw| (flaw.pointer.as_str(), flaw.kind)).collect();
    for flaw in [
        ("/name", FlawKind::Empty),
        ("/closes_at", FlawKind::Late),
        ("/lines/0/pledged", FlawKind::OutOfRange),
        ("/lines/1/sku_id", FlawKind::Twice),
        ("/stores", FlawKind::Empty),
    ] {
        assert!(named.contains(&flaw), "{flaw:?} in {named:?}");
    }
    let mut plan = world.plan(60_000, 6);
    plan.lines[0].sku_id = graborder::domain::ids::SkuId::new();
    plan.stores = InvitedStores::These(vec![NewInvitation::plain(graborder::domain::ids::StoreId::new())]);
    let Err(Error::Flawed(flaws)) = world.rounds.draft(plan, world.boss).await else { panic!("must be refused") };
    assert!(flaws.iter().all(|flaw| flaw.kind == FlawKind::Unknown) && flaws.len() == 2, "{flaws:?}");
}

#[tokio::test]
async fn a_cancelled_round_gives_its_stock_back_and_says_so() {
    let world = World::new(3, 1).await;
    let id = world.published(60_000, 600).await;
    world.rounds.cancel(id, "rain", world.boss).await.expect("cancels");
    assert_eq!(world.state(id).await, RoundState::Cancelled);
    assert_eq!(world.figure("select pledged from stock_levels where site_id = $1", world.warehouse.0).await, 0);
    assert_eq!(world.figure("select sum(returned)::bigint from offer_lines where round_id = $1", id.0).await, 600);
    let told = "select count(*) from outbox where round_id = $1 and event ->> 'notice' = 'cancelled' and store_seq = 2";
    assert_eq!(world.figure(told, id.0).await, 3);
    world.books_agree().await;
    assert!(matches!(world.rounds.cancel(id, "again", world.boss).await, Err(Error::State(RoundState::Cancelled))));
}

#[tokio::test]
async fn three_hundred_stores_and_twenty_lines_are_published_well_below_a_second() {
    let world = World::new(300, 20).await;
    sell_every_day(&mut world.connection().await, 20, NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date")).await;
    let id = world.rounds.draft(world.plan(60_000, 600), world.boss).await.expect("drafts");
    let begun = std::time::Instant::now();
    world.rounds.publish(id, world.boss).await.expect("publishes");
    let took = begun.elapsed();
    println!("300 stores, 20 lines: {took:?}");
    assert_eq!(
        world.figure("select count(*) from invitation_lines where round_id = $1 and need = 140", id.0).await,
        6_000
    );
    // Idle it takes a quarter of a second; the bound leaves room for a machine that is busy with other tests.
    assert!(took.as_secs() < 5, "{took:?}");
}
