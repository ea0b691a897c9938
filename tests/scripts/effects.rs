//! `release.lua` and `written.lua`: what the writer tells Redis.

use super::{
    bed::{Bed, EPOCH},
    dump::{counters, numbers},
    world::{self, claim, refused, verdict},
};
use graborder::{
    domain::{
        claim::{ClaimMode::*, VerdictStatus},
        event::{Effect, ReleasedLine},
        ids::{LineId, StoreId},
        reason::Reason,
    },
    hot::{ReleaseReply, ReportReply, WarmRound},
};

fn release(round: &WarmRound, store: usize, units: &[i64], credit_cents: i64) -> Effect {
    let lines = round.lines.iter().zip(units).filter(|(_, units)| **units > 0);
    Effect::Release {
        round_id: round.round_id,
        store_id: round.invited[store].store_id,
        day: round.day.clone(),
        period: round.period.clone(),
        dock_day: round.dock_day.clone(),
        credit_cents,
        lines: lines.map(|(line, units)| ReleasedLine { line_id: line.line_id, units: *units }).collect(),
    }
}

#[tokio::test]
async fn units_given_back_may_be_taken_again_by_their_store() {
    let mut world = world::round(2, 1, Bed::bare().await.now_ms().await);
    world.round.invited[0].cap_day = Some(18);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let round = &world.round;
    assert_eq!(verdict(&bed.claim(&[&claim(round, 0, AllOrNone, &[12, 6])]).await[0]).status, VerdictStatus::Won);
    assert!(matches!(refused(&bed.claim(&[&claim(round, 0, AllOrNone, &[6])]).await[0]), Reason::SpanCap { .. }));

    let left = bed.pool.loaded(round.round_id).await.unwrap();
    let effect = release(round, 0, &[6], 1_500);
    assert_eq!(bed.pool.release(EPOCH, 3, &effect).await.unwrap(), ReleaseReply::Done);
    for number in [1, 3] {
        assert_eq!(bed.pool.release(EPOCH, number, &effect).await.unwrap(), ReleaseReply::Known);
    }
    let keys = bed.pool.keys().clone();
    let store = round.invited[0].store_id.to_string();
    let dump = bed.raw.dump().await;
    let at = |key: &str| dump[&key[bed.raw.prefix.len() + 1..]][&store].clone();
    assert_eq!(
        numbers(&at(&keys.taken(round.round_id))).iter().sum::<i64>(),
        24,
        "12 in the round, 6 and 6 of the lines"
    );
    let (credit_cents, used) = counters(&at(&keys.counters()));
    assert_eq!(credit_cents, 18 * world::PRICE_CENTS - 1_500);
    assert!(used.values().all(|units| *units == 12) && used.len() == 3, "{used:?}");
    assert_eq!(bed.pool.loaded(round.round_id).await.unwrap(), left, "what was given back is not offered again");
    assert_eq!(bed.pool.head().await.unwrap().applied_no, 3);
    assert_eq!(verdict(&bed.claim(&[&claim(round, 0, AllOrNone, &[6])]).await[0]).status, VerdictStatus::Won);
}

#[tokio::test]
async fn counters_never_fall_below_nothing_and_an_absent_one_stays_absent() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await;
    let mut effect = release(&world.round, 0, &[600], 99_999_999);
    assert_eq!(bed.pool.release(EPOCH, 1, &effect).await.unwrap(), ReleaseReply::Done);
    let store = world.round.invited[0].store_id.to_string();
    let dump = bed.raw.dump().await;
    let (credit_cents, used) = counters(&dump[&bed.pool.keys().counters()[bed.raw.prefix.len() + 1..]][&store]);
    assert!(credit_cents == 0 && used.values().all(|units| *units == 0), "{used:?}");

    // A store that no round here has loaded, then dates that none has.
    if let Effect::Release { store_id, .. } = &mut effect {
        *store_id = StoreId::new();
    }
    let before = bed.raw.dump().await;
    assert_eq!(bed.pool.release(EPOCH, 2, &effect).await.unwrap(), ReleaseReply::Done);
    let mut other_days = release(&world.round, 0, &[], 0);
    if let Effect::Release { day, .. } = &mut other_days {
        *day = "2026-12-31".to_owned();
    }
    assert_eq!(bed.pool.release(EPOCH, 3, &other_days).await.unwrap(), ReleaseReply::Done);
    let without_pool = |mut dump: super::dump::Dump| {
        dump.retain(|key, _| !key.ends_with(":pool"));
        dump
    };
    assert_eq!(without_pool(bed.raw.dump().await), without_pool(before));

    let mut foreign = release(&world.round, 0, &[6], 0);
    if let Effect::Release { lines, .. } = &mut foreign {
        lines[0].line_id = LineId::new();
    }
    assert!(bed.pool.release(EPOCH, 4, &foreign).await.is_err(), "a line that the round does not have");
    assert_eq!(bed.pool.head().await.unwrap().applied_no, 3);
}

#[tokio::test]
async fn a_suspension_holds_until_it_is_lifted() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let store_id = world.round.invited[0].store_id;
    let until_ms = bed.now_ms().await + 60_000;
    bed.pool.release(EPOCH, 1, &Effect::Suspend { store_id, until_ms }).await.unwrap();
    assert_eq!(refused(&bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await[0]), Reason::Suspended { until_ms });
    bed.pool.release(EPOCH, 2, &Effect::Suspend { store_id, until_ms: 0 }).await.unwrap();
    assert_eq!(verdict(&bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await[0]).status, VerdictStatus::Won);
}

#[tokio::test]
async fn what_is_written_never_falls_and_belongs_to_its_epoch() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    for _ in 0..3 {
        bed.claim(&[&claim(&world.round, 0, Partial, &[6])]).await;
    }
    for (told, stands) in [(2, 2), (1, 2), (3, 3)] {
        assert_eq!(bed.pool.report_written(EPOCH, told).await.unwrap(), ReportReply::Done);
        assert_eq!(bed.pool.head().await.unwrap().written, stands);
    }
    assert!(bed.pool.report_written(EPOCH, 4).await.is_err(), "more than was decided");
    assert_eq!(bed.pool.report_written(EPOCH + 1, 3).await.unwrap(), ReportReply::Epoch(EPOCH));
    let suspend = Effect::Suspend { store_id: StoreId::new(), until_ms: 1 };
    assert_eq!(bed.pool.release(EPOCH + 1, 9, &suspend).await.unwrap(), ReleaseReply::Epoch(EPOCH));
    let key = bed.pool.keys().pool();
    bed.raw.run::<i64>(&["HSET", &key, "run_id", "0123456789abcdef"]).await;
    assert_eq!(bed.pool.report_written(EPOCH, 3).await.unwrap(), ReportReply::Fenced);
    assert_eq!(bed.pool.release(EPOCH, 9, &suspend).await.unwrap(), ReleaseReply::Fenced);
}
