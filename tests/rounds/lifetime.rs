//! From SCHEDULED to ARCHIVED, and what headquarters may ask on the way.

use super::{
    stage::{Answer, CONFIG, Stage, coordinator, eventually},
    world::{PACK, World},
};
use graborder::{
    domain::{
        event::Effect,
        ids::ClaimId,
        reason::Reason,
        round::{Intent, RoundState},
    },
    hot::{IgnoredWhy, RoundReply},
    rounds::{Asked, CoordinatorConfig, Error, Rounds, Step},
    storage::{Db, outbox, rounds},
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const OFFERED_LEAKS: &str = "select count(*) from offer_lines
                              where round_id = $1 and pledged - holdback <> granted + returned";
const PLEDGED: &str = "select sum(pledged)::bigint from stock_levels where site_id = $1";

#[tokio::test]
async fn a_round_lives_from_draft_to_closed_through_pause_extension_and_stop() {
    let mut stage = Stage::of(World::new(4, 2).await);
    let (id, boss) = (stage.open_round(600).await, stage.world.boss);
    assert_eq!(stage.wins(id, ClaimId::new(), 0, 48).await, 48);

    assert_eq!(stage.world.rounds.ask(id, Intent::Pause, "count again", boss).await.expect("pauses"), Asked::Applied);
    let paused = stage.claim(id, ClaimId::new(), 1, 48).await;
    assert!(matches!(paused, Answer::NotDecided(Reason::Paused { .. })), "{paused:?}");
    stage.until(id, RoundState::Paused).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let resume = Intent::Resume { pause_no: 0 };
    assert_eq!(stage.world.rounds.ask(id, resume, "counted", boss).await.expect("resumes"), Asked::Applied);
    assert_eq!(stage.wins(id, ClaimId::new(), 1, 48).await, 48);
    stage.until(id, RoundState::Open).await;
    let round = rounds::round(&mut stage.world.connection().await, id).await.expect("reads").expect("exists");
    assert!(round.shift_ms >= 300, "{}", round.shift_ms);

    let closes_at_ms = round.closes_ms() + 60_000;
    let extend = Intent::Extend { closes_at_ms };
    assert_eq!(stage.world.rounds.ask(id, extend, "queue", boss).await.expect("extends"), Asked::Applied);
    assert_eq!(stage.world.rounds.ask(id, Intent::Stop, "enough", boss).await.expect("stops"), Asked::Applied);
    let late = stage.claim(id, ClaimId::new(), 2, 48).await;
    assert!(matches!(late, Answer::NotDecided(Reason::NotOpen { .. })), "{late:?}");
    stage.until(id, RoundState::Closed).await;

    let round = rounds::round(&mut stage.world.connection().await, id).await.expect("reads").expect("exists");
    assert_eq!(round.closes_ms(), closes_at_ms);
    assert_eq!(stage.world.figure(OFFERED_LEAKS, id.0).await, 0);
    assert_eq!(stage.world.figure("select sum(granted)::bigint from offer_lines where round_id = $1", id.0).await, 96);
    assert_eq!(stage.world.figure(PLEDGED, stage.world.warehouse.0).await, 0);
    assert_eq!(
        stage
            .world
            .figure("select sum(allocated)::bigint from stock_levels where site_id = $1", stage.world.warehouse.0)
            .await,
        96
    );
    // Open, pause, resume, extend and stop, each with its end; who paused stands beside it.
    let ended = "select count(*) from round_intents where round_id = $1 and outcome = 'applied'";
    assert_eq!(stage.world.figure(ended, id.0).await, 5);
    let paused_by = "select count(*) from round_intents
                      where round_id = $1 and intent ->> 'kind' = 'pause' and reason = 'count again' and by_user is not null";
    assert_eq!(stage.world.figure(paused_by, id.0).await, 1);
    stage.world.books_agree().await;
}

#[tokio::test]
async fn a_round_closes_on_time_by_its_shifted_clock() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let mut plan = stage.world.plan(300, 600);
    plan.closes_at = plan.opens_at + chrono::Duration::milliseconds(1_200);
    let closes_ms = plan.closes_at.timestamp_millis();
    let boss = stage.world.boss;
    let id = stage.world.rounds.draft(plan, boss).await.expect("drafts");
    stage.world.rounds.publish(id, boss).await.expect("publishes");
    stage.until(id, RoundState::Open).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    stage.world.rounds.ask(id, Intent::Pause, "", boss).await.expect("pauses");
    // Past the planned end: the clock stands still, and the time alone does not close a paused round.
    stage.until(id, RoundState::Paused).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    stage.step().await;
    assert_eq!(stage.world.state(id).await, RoundState::Paused);
    stage.world.rounds.ask(id, Intent::Resume { pause_no: 0 }, "", boss).await.expect("resumes");
    assert_eq!(stage.wins(id, ClaimId::new(), 0, PACK).await, PACK);
    stage.until(id, RoundState::Closed).await;

    let round = rounds::round(&mut stage.world.connection().await, id).await.expect("reads").expect("exists");
    let closed_ms = round.closed_at.expect("closed").timestamp_millis();
    assert!(round.shift_ms >= 1_500, "{}", round.shift_ms);
    assert!((closes_ms + round.shift_ms..closes_ms + round.shift_ms + 2_000).contains(&closed_ms), "{closed_ms}");
    stage.world.books_agree().await;
}

#[tokio::test]
async fn nothing_opens_before_its_time_and_everything_by_itself() {
    let stage = Stage::of(World::new(2, 1).await);
    let stop = CancellationToken::new();
    let id = stage.world.published(1_500, 600).await;
    let Stage { world, coordinator, writer } = stage;
    let running = async { tokio::join!(coordinator.run(stop.clone()), writer.run(stop.clone())) };
    let watching = async {
        eventually(|| async { world.state(id).await == RoundState::Open }).await;
        let round = rounds::round(&mut world.connection().await, id).await.expect("reads").expect("exists");
        let now_ms = world.hot.now_ms().await.expect("time");
        assert!(now_ms >= round.opens_ms() - CONFIG.open_lead_ms, "armed {} ms early", round.opens_ms() - now_ms);
        stop.cancel();
    };
    tokio::join!(running, watching);
    let mut conn = world.connection().await;
    let free =
        graborder::storage::leases::hold(&mut conn, "rounds:main", uuid::Uuid::now_v7(), Duration::from_secs(1)).await;
    assert!(free.expect("asks"), "whoever ends in order leaves the lease to the next");
}

#[tokio::test]
async fn of_two_coordinators_one_works() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let mut second = coordinator(&stage.world, stage.world.db.clone(), CONFIG);
    stage.until_healthy().await;
    assert_eq!(second.step().await.expect("steps"), Step::Idle);
    sqlx::query("update leases set expires_at = now() - interval '1 second'")
        .execute(&stage.world.db.0)
        .await
        .expect("ends");
    assert!(matches!(second.step().await.expect("steps"), Step::Done { .. }));
}

#[tokio::test]
async fn a_pause_is_lifted_only_by_a_resume_that_names_it() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let (id, boss) = (stage.open_round(600).await, stage.world.boss);
    stage.world.rounds.ask(id, Intent::Pause, "", boss).await.expect("pauses");
    for _ in 0..10 {
        stage.step().await;
    }
    let epoch = stage.world.hot.head().await.expect("head").epoch;
    let head = stage.world.hot.round(epoch, id).await.expect("reads").expect("loaded");
    let latch = head.paused.expect("the latch holds");
    let wrong = stage.world.rounds.ask(id, Intent::Resume { pause_no: latch.pause_no + 2 }, "", boss).await;
    assert!(matches!(wrong, Err(Error::Ignored(IgnoredWhy::Latch))), "{wrong:?}");
    assert_eq!(stage.world.rounds.ask(id, Intent::Pause, "", boss).await.expect("it is paused"), Asked::Applied);
    let right = stage.world.rounds.ask(id, Intent::Resume { pause_no: latch.pause_no }, "", boss).await;
    assert_eq!(right.expect("resumes"), Asked::Applied);
    stage.until(id, RoundState::Open).await;
}

#[tokio::test]
async fn a_pause_needs_no_postgres() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let (id, boss) = (stage.open_round(600).await, stage.world.boss);
    let away = Db::connect(&stage.world.db_url, 1).await.expect("connects");
    away.0.close().await;
    let cut_off = Rounds::new(away, stage.world.hot.clone(), stage.world.pool.clone());
    assert_eq!(cut_off.ask(id, Intent::Pause, "fire", boss).await.expect("pauses"), Asked::Applied);
    let paused = stage.claim(id, ClaimId::new(), 1, 48).await;
    assert!(matches!(paused, Answer::NotDecided(Reason::Paused { .. })), "{paused:?}");
    // The books follow from the log, and the coordinator notes the latch's number there.
    stage.until(id, RoundState::Paused).await;
    stage.step().await;
    let noted = "select count(*) from round_intents where round_id = $1 and intent ->> 'kind' = 'pause'";
    assert_eq!(stage.world.figure(noted, id.0).await, 1);
    stage.world.rounds.ask(id, Intent::Resume { pause_no: 0 }, "", boss).await.expect("resumes");
    stage.until(id, RoundState::Open).await;
}

#[tokio::test]
async fn an_intent_not_above_the_last_applied_is_ignored() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let (id, boss) = (stage.open_round(600).await, stage.world.boss);
    stage.world.rounds.ask(id, Intent::Pause, "", boss).await.expect("pauses");
    let epoch = stage.world.hot.head().await.expect("head").epoch;
    let head = stage.world.hot.round(epoch, id).await.expect("reads").expect("loaded");
    for old in [1, head.intent_no - 1, head.intent_no] {
        let reply = stage.world.hot.stop(epoch, id, old).await.expect("answers");
        assert_eq!(reply, RoundReply::Ignored(IgnoredWhy::Intent), "{old}");
    }
    assert_eq!(stage.world.hot.round(epoch, id).await.expect("reads").expect("loaded"), head);
}

#[tokio::test]
async fn a_closed_round_is_not_extended() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let (id, boss) = (stage.open_round(600).await, stage.world.boss);
    stage.world.rounds.ask(id, Intent::Stop, "", boss).await.expect("stops");
    let closes_at_ms = graborder::domain::clock::now().timestamp_millis() + 600_000;
    let late = stage.world.rounds.ask(id, Intent::Extend { closes_at_ms }, "", boss).await;
    assert!(matches!(late, Err(Error::Ignored(IgnoredWhy::State))), "{late:?}");
    stage.until(id, RoundState::Closed).await;
    let late = stage.world.rounds.ask(id, Intent::Extend { closes_at_ms }, "", boss).await;
    assert!(matches!(late, Err(Error::State(RoundState::Closed))), "{late:?}");
}

#[tokio::test]
async fn a_red_check_delays_the_opening() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let id = stage.world.published(3_000, 600).await;
    stage.until(id, RoundState::Warming).await;
    stage.step().await;
    assert!(stage.is_in_redis(id).await);
    sqlx::query("update offer_lines set holdback = 6").execute(&stage.world.db.0).await.expect("updates");
    tokio::time::sleep(Duration::from_millis(3_200)).await;
    for _ in 0..5 {
        stage.step().await;
    }
    assert_eq!(stage.world.state(id).await, RoundState::Warming, "Redis would sell what the books hold back");
    sqlx::query("update offer_lines set holdback = 0").execute(&stage.world.db.0).await.expect("updates");
    stage.until(id, RoundState::Open).await;
}

#[tokio::test]
async fn a_load_starts_over_until_redis_stands_where_its_snapshot_stood() {
    let mut stage = Stage::of(World::new(2, 1).await);
    stage.until_healthy().await;
    let mut tx = stage.world.connection().await;
    let suspend = Effect::Suspend { store_id: stage.world.stores[0], until_ms: 4_102_444_800_000 };
    outbox::append(&mut tx, &stage.world.pool, &[outbox::NewRow::Effect(suspend)]).await.expect("appends");
    let id = stage.world.published(60_000, 600).await;
    stage.coordinate().await;
    stage.coordinate().await;
    assert!(!stage.is_in_redis(id).await, "the effect is in the snapshot and not in Redis");
    stage.write().await;
    stage.coordinate().await;
    assert!(stage.is_in_redis(id).await);
}

#[tokio::test]
async fn a_round_cancelled_while_warming_leaves_redis() {
    let mut stage = Stage::of(World::new(2, 1).await);
    let id = stage.world.published(60_000, 600).await;
    stage.until(id, RoundState::Warming).await;
    stage.step().await;
    assert!(stage.is_in_redis(id).await);
    stage.world.rounds.cancel(id, "rain", stage.world.boss).await.expect("cancels");
    assert!(!stage.is_in_redis(id).await);
    assert_eq!(stage.world.figure(PLEDGED, stage.world.warehouse.0).await, 0);
    let open = stage.open_round(600).await;
    let cancelled = stage.world.rounds.cancel(open, "rain", stage.world.boss).await;
    assert!(matches!(cancelled, Err(Error::State(RoundState::Open))), "{cancelled:?}");
}

#[tokio::test]
async fn an_archived_round_leaves_redis_and_its_verdicts_stay_in_the_books() {
    let config = CoordinatorConfig { archive_after_ms: 0, ..CONFIG };
    let mut stage = Stage::with(World::new(2, 1).await, config);
    let (id, boss) = (stage.open_round(600).await, stage.world.boss);
    let claim = ClaimId::new();
    assert_eq!(stage.wins(id, claim, 0, 48).await, 48);
    stage.world.rounds.ask(id, Intent::Stop, "", boss).await.expect("stops");
    stage.until(id, RoundState::Archived).await;
    assert!(!stage.is_in_redis(id).await);
    assert_eq!(stage.world.hot.verdict(id, claim).await.expect("asks"), None);
    let kept = "select granted from claims where claim_id = $1";
    assert_eq!(stage.world.figure(kept, claim.0).await, 48);
    stage.world.books_agree().await;
}
