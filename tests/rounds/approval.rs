//! A hot round between two people.

use super::{stage::Stage, world::World};
use graborder::{
    domain::{
        heat::Thresholds,
        ids::{RoundId, UserId},
        round::RoundState,
    },
    rounds::{Edit, Error, FlawKind, Rounds},
    storage::rounds::{self, steps},
};

/// Every store needs sixty units: a hundred and twenty for two, twice what is offered.
const OFFERED: i64 = 60;
const HOT: Thresholds = Thresholds { value_cents: 0, scarcity_percent: 199 };

const PLEDGED: &str = "select sum(pledged)::bigint from stock_levels where site_id = $1";
const TOLD: &str = "select count(*) from outbox where round_id = $1";

async fn world() -> (World, Rounds) {
    let world = World::new(2, 1).await;
    let rounds = world.rounds.clone().asking_above(HOT);
    (world, rounds)
}

/// A draft for which its maker has asked.
async fn asked(world: &World, rounds: &Rounds) -> RoundId {
    let id = rounds.draft(world.plan(60_000, OFFERED), world.boss).await.expect("drafts");
    assert_eq!(rounds.publish(id, world.boss).await.expect("asks"), RoundState::PendingApproval);
    id
}

async fn steps_of(world: &World, id: RoundId) -> Vec<String> {
    let happened = steps::history(&mut world.connection().await, id, 100).await.expect("reads");
    let word = |step| serde_json::to_value(step).expect("is JSON").as_str().expect("is a word").to_owned();
    happened.into_iter().map(|happened| word(happened.step)).collect()
}

async fn people(world: &World, id: RoundId) -> (Option<UserId>, Option<UserId>, Option<UserId>) {
    sqlx::query_as("select asked_by, published_by, approved_by from rounds where id = $1")
        .bind(id)
        .fetch_one(&world.db.0)
        .await
        .expect("reads")
}

#[tokio::test]
async fn a_hot_round_waits_for_somebody_else_and_nothing_is_pledged_or_told_before() {
    let (world, rounds) = world().await;
    let [second, _] = world.colleagues;
    let id = asked(&world, &rounds).await;
    assert_eq!(world.figure(PLEDGED, world.warehouse.0).await, 0);
    assert_eq!(world.figure("select count(*) from invitation_lines where round_id = $1", id.0).await, 0);
    assert_eq!(world.figure(TOLD, id.0).await, 0, "no frame shows it to anybody");
    let kept: (i64, i64, Vec<String>) =
        sqlx::query_as("select hot_value_cents, hot_scarcity_percent, hot_over from rounds where id = $1")
            .bind(id)
            .fetch_one(&world.db.0)
            .await
            .expect("reads");
    assert_eq!(kept, (60_000, 200, vec!["scarcity".to_owned()]));

    assert!(matches!(rounds.publish(id, second).await, Err(Error::State(RoundState::PendingApproval))));
    let version = rounds.version(id).await.expect("version");
    let edit = rounds.edit(id, version, Edit::default(), world.boss).await;
    assert!(matches!(edit, Err(Error::State(RoundState::PendingApproval))), "{edit:?}");
    assert!(matches!(rounds.approve(id, None, "", world.boss).await, Err(Error::SecondPerson)));
    rounds.approve(id, Some(version), "checked", second).await.expect("approves");

    assert_eq!(world.state(id).await, RoundState::Scheduled);
    assert_eq!(world.figure(PLEDGED, world.warehouse.0).await, OFFERED);
    assert_eq!(world.figure(TOLD, id.0).await, 4, "two invitations, the round, its board");
    assert_eq!(people(&world, id).await, (Some(world.boss), Some(world.boss), Some(second)));
    assert_eq!(steps_of(&world, id).await, ["drafted", "asked", "approved"]);
    let act =
        "select count(*) from admin_actions where on_id = $1 and action = 'round_approved' and reason = 'checked'";
    assert_eq!(world.figure(act, id.0).await, 1);
    world.books_agree().await;
}

#[tokio::test]
async fn who_changed_the_draft_last_is_no_second_person_either() {
    let (world, rounds) = world().await;
    let [editor, third] = world.colleagues;
    let id = rounds.draft(world.plan(60_000, OFFERED), world.boss).await.expect("drafts");
    let version = rounds.version(id).await.expect("version");
    let edit = Edit { name: Some("Bread".to_owned()), ..Edit::default() };
    rounds.edit(id, version, edit, editor).await.expect("edits");
    rounds.publish(id, world.boss).await.expect("asks");
    for neither in [world.boss, editor] {
        assert!(matches!(rounds.approve(id, None, "", neither).await, Err(Error::SecondPerson)));
    }
    // The books hold it too.
    for neither in [world.boss, editor] {
        let forced = sqlx::query("update rounds set approved_by = $2 where id = $1").bind(id).bind(neither);
        let refused = forced.execute(&world.db.0).await.expect_err("is refused").to_string();
        assert!(refused.contains("rounds_two_people"), "{refused}");
    }
    rounds.approve(id, None, "", third).await.expect("approves");
    assert_eq!(steps_of(&world, id).await, ["drafted", "edited", "asked", "approved"]);
}

#[tokio::test]
async fn a_round_below_the_thresholds_needs_one_person() {
    let (world, rounds) = world().await;
    let id = rounds.draft(world.plan(60_000, 2 * OFFERED), world.boss).await.expect("drafts");
    assert_eq!(rounds.publish(id, world.boss).await.expect("publishes"), RoundState::Scheduled);
    assert_eq!(people(&world, id).await, (None, Some(world.boss), None));
    assert_eq!(steps_of(&world, id).await, ["drafted", "published"]);
    let dear = world.rounds.clone().asking_above(Thresholds { value_cents: 59_999, scarcity_percent: 0 });
    let id = dear.draft(world.plan(60_000, OFFERED), world.boss).await.expect("drafts");
    assert_eq!(dear.publish(id, world.boss).await.expect("asks"), RoundState::PendingApproval);
}

#[tokio::test]
async fn what_is_approved_is_published_with_the_stock_and_the_time_that_are_left() {
    let (world, rounds) = world().await;
    let [second, _] = world.colleagues;
    let id = asked(&world, &rounds).await;
    // Somebody else took the stock.
    let other = world.rounds.draft(world.plan(60_000, 99_999), world.boss).await.expect("drafts");
    world.rounds.publish(other, world.boss).await.expect("publishes");
    let short = rounds.approve(id, None, "", second).await;
    assert!(matches!(short, Err(Error::NotEnoughStock(_))), "{short:?}");
    assert_eq!(world.state(id).await, RoundState::PendingApproval);
    assert_eq!(world.figure(TOLD, id.0).await, 0);
    world.rounds.cancel(other, "", world.boss).await.expect("cancels");
    // And nobody is asked for what is not there.
    let greedy = rounds.draft(world.plan(60_000, 100_001), world.boss).await.expect("drafts");
    let everything = rounds.clone().asking_above(Thresholds { value_cents: 1, scarcity_percent: 0 });
    assert!(matches!(everything.publish(greedy, world.boss).await, Err(Error::NotEnoughStock(_))));
    assert_eq!(world.state(greedy).await, RoundState::Draft);

    sqlx::query(
        "update rounds set opens_at = now() - interval '2 hours', closes_at = now() - interval '1 hour' where id = $1",
    )
    .bind(id)
    .execute(&world.db.0)
    .await
    .expect("waits");
    let Err(Error::Flawed(flaws)) = rounds.approve(id, None, "", second).await else { panic!("its time has passed") };
    assert_eq!((flaws[0].pointer.as_str(), flaws[0].kind), ("/closes_at", FlawKind::Late));
    assert_eq!(world.state(id).await, RoundState::PendingApproval);
}

#[tokio::test]
async fn a_round_that_is_sent_back_or_withdrawn_is_a_draft_again() {
    let (world, rounds) = world().await;
    let [second, _] = world.colleagues;
    let id = asked(&world, &rounds).await;
    let read = rounds.version(id).await.expect("version");
    rounds.send_back(id, "too few cases", second).await.expect("sends back");
    assert_eq!(world.state(id).await, RoundState::Draft);
    assert_eq!(people(&world, id).await, (None, None, None));
    assert!(matches!(rounds.send_back(id, "", second).await, Err(Error::State(RoundState::Draft))));
    let version = rounds.version(id).await.expect("version");
    rounds
        .edit(id, version, Edit { name: Some("More milk".to_owned()), ..Edit::default() }, world.boss)
        .await
        .expect("edits");
    rounds.publish(id, world.boss).await.expect("asks again");
    // What was read before is not what would be approved now.
    assert!(matches!(rounds.approve(id, Some(read), "", second).await, Err(Error::Version)));
    rounds.send_back(id, "a slip", world.boss).await.expect("withdraws");
    assert_eq!(steps_of(&world, id).await, ["drafted", "asked", "sent_back", "edited", "asked", "withdrawn"]);
    let acts = "select count(*) from admin_actions where on_id = $1 and action = 'round_sent_back'";
    assert_eq!(world.figure(acts, id.0).await, 1);
    let why =
        "select count(*) from round_steps where round_id = $1 and step = 'sent_back' and reason = 'too few cases'";
    assert_eq!(world.figure(why, id.0).await, 1);
    let changed = sqlx::query("update round_steps set reason = ''").execute(&world.db.0).await;
    assert!(changed.is_err(), "what was done stays as it was said");
}

#[tokio::test]
async fn a_round_that_waits_can_be_called_off_and_time_passes_it_by() {
    let (world, rounds) = world().await;
    let mut stage = Stage::of(world);
    let id = asked(&stage.world, &rounds).await;
    sqlx::query("update rounds set opens_at = now() - interval '1 second' where id = $1")
        .bind(id)
        .execute(&stage.world.db.0)
        .await
        .expect("waits");
    stage.until_healthy().await;
    for _ in 0..5 {
        stage.step().await;
    }
    assert_eq!(stage.world.state(id).await, RoundState::PendingApproval);
    assert!(!stage.is_in_redis(id).await);
    stage.world.rounds.cancel(id, "rain", stage.world.boss).await.expect("cancels");
    assert_eq!(stage.world.state(id).await, RoundState::Cancelled);
    assert_eq!(stage.world.figure(TOLD, id.0).await, 0, "nobody knew of it");
    assert_eq!(stage.world.figure("select count(*) from movements where doc_id = $1", id.0).await, 0);
    assert_eq!(steps_of(&stage.world, id).await, ["drafted", "asked", "cancelled"]);
    stage.world.books_agree().await;
}

#[tokio::test]
async fn of_two_approvals_at_once_one_publishes() {
    let (world, rounds) = world().await;
    let [second, third] = world.colleagues;
    for _ in 0..8 {
        let id = asked(&world, &rounds).await;
        let (a, b) = tokio::join!(rounds.approve(id, None, "", second), rounds.approve(id, None, "", third));
        let late = [&a, &b].into_iter().filter(|end| matches!(end, Err(Error::State(RoundState::Scheduled)))).count();
        assert_eq!(([a.is_ok(), b.is_ok()].iter().filter(|ok| **ok).count(), late), (1, 1), "{a:?} {b:?}");
        let (_, _, approved_by) = people(&world, id).await;
        assert_eq!(approved_by, Some(if a.is_ok() { second } else { third }));
        assert_eq!(steps_of(&world, id).await, ["drafted", "asked", "approved"]);
    }
    assert_eq!(world.figure(PLEDGED, world.warehouse.0).await, 8 * OFFERED);
    world.books_agree().await;
}

#[tokio::test]
async fn of_an_approval_and_a_refusal_at_once_one_holds() {
    let (world, rounds) = world().await;
    let [second, third] = world.colleagues;
    let mut published = 0;
    for turn in 0..12 {
        let id = asked(&world, &rounds).await;
        let (agreed, refused) = if turn % 2 == 0 {
            tokio::join!(rounds.approve(id, None, "", second), rounds.send_back(id, "no", third))
        } else {
            let (refused, agreed) =
                tokio::join!(rounds.send_back(id, "no", world.boss), rounds.approve(id, None, "", second));
            (agreed, refused)
        };
        match world.state(id).await {
            RoundState::Scheduled => {
                published += 1;
                assert!(agreed.is_ok() && matches!(refused, Err(Error::State(RoundState::Scheduled))), "{refused:?}");
            }
            RoundState::Draft => {
                assert!(refused.is_ok() && matches!(agreed, Err(Error::State(RoundState::Draft))), "{agreed:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.figure(PLEDGED, world.warehouse.0).await, published * OFFERED);
    world.books_agree().await;
}

#[tokio::test]
async fn an_edit_that_comes_with_an_approval_changes_nothing() {
    let (world, rounds) = world().await;
    let [second, _] = world.colleagues;
    for _ in 0..6 {
        let id = asked(&world, &rounds).await;
        let version = rounds.version(id).await.expect("version");
        let edit = Edit { lines: Some(vec![world.line(0, 6)]), ..Edit::default() };
        let (agreed, edited) =
            tokio::join!(rounds.approve(id, None, "", second), rounds.edit(id, version, edit, world.boss));
        agreed.expect("approves");
        assert!(matches!(edited, Err(Error::State(RoundState::PendingApproval | RoundState::Scheduled))), "{edited:?}");
        let lines = rounds::lines(&mut world.connection().await, id).await.expect("reads");
        assert_eq!(lines.iter().map(|line| line.pledged).collect::<Vec<_>>(), [OFFERED]);
    }
    world.books_agree().await;
}
