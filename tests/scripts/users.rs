//! Who was changed since signing in: nothing is decided for a session from before.

use super::{
    bed::{Bed, EPOCH},
    world::{self, USER, claim, not_decided, verdict},
};
use graborder::{
    domain::{
        claim::{Claim, ClaimMode::Partial},
        event::Effect,
        ids::UserId,
        reason::Reason,
    },
    hot::{ClaimAnswer, ClaimReply, ReleaseReply, WarmRound},
};

/// A fresh claim of six units under this version of the user.
fn under(round: &WarmRound, user_id: UserId, auth_version: i64) -> Claim {
    let mut claim = claim(round, 0, Partial, &[6]);
    (claim.user_id, claim.auth_version) = (user_id, auth_version);
    claim
}

async fn change(bed: &Bed, number: i64, auth_version: i64) -> ReleaseReply {
    bed.pool.release(EPOCH, number, &Effect::User { user_id: USER, auth_version }).await.unwrap()
}

#[tokio::test]
async fn a_claim_from_before_its_user_was_changed_is_not_decided_and_leaves_no_trace() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let round = &world.round;
    let before = under(round, USER, 1);
    let first = verdict(&bed.claim(&[&before]).await[0]).clone();

    assert_eq!(change(&bed, 4, 3).await, ReleaseReply::Done);
    assert_eq!(change(&bed, 4, 2).await, ReleaseReply::Known, "a version never falls");
    assert_eq!(bed.pool.head().await.unwrap().applied_no, 4);
    let encoding: String = bed.raw.run(&["OBJECT", "ENCODING", &bed.pool.keys().users()]).await;
    assert_eq!(encoding, "hashtable", "from the first one on");
    let stands = bed.raw.dump().await;
    for auth_version in [1, 2] {
        let late = under(round, USER, auth_version);
        assert_eq!(bed.claim(&[&late, &late]).await, [ClaimAnswer::SignedOut, ClaimAnswer::SignedOut]);
    }
    // What was decided stays decided, whoever asks.
    assert_eq!(bed.claim(&[&before]).await, [ClaimAnswer::Known(first)]);
    assert_eq!(bed.raw.dump().await, stands);

    // Neighbours in the call, the user of now, and one who signed in after a change that is still on its way.
    let other = UserId::new();
    let claims = [
        under(round, other, 1),
        under(round, USER, 1),
        under(round, USER, 3),
        under(round, USER, 2),
        under(round, USER, 4),
    ];
    let answers = bed.claim(&claims.each_ref()).await;
    let decided: Vec<bool> = answers.iter().map(|answer| matches!(answer, ClaimAnswer::Decided(_))).collect();
    assert_eq!(decided, [true, false, true, false, true], "{answers:?}");
    assert_eq!(answers[1], ClaimAnswer::SignedOut);
    assert_eq!(bed.pool.head().await.unwrap().appended, 4);
}

#[tokio::test]
async fn somebody_who_was_changed_learns_nothing_of_a_round_that_is_shut() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    change(&bed, 1, 2).await;
    bed.pool.pause(EPOCH, world.round.round_id, 3).await.unwrap();
    let answers = bed.claim(&[&under(&world.round, USER, 1), &under(&world.round, USER, 2)]).await;
    assert_eq!(answers[0], ClaimAnswer::SignedOut);
    assert!(matches!(not_decided(&answers[1]), Reason::Paused { .. }));
}

#[tokio::test]
async fn a_rebuilt_pool_knows_who_was_changed_and_nothing_of_what_stood_there_before() {
    let world = world::round(1, 1, Bed::bare().await.now_ms().await);
    let mut bed = Bed::with(vec![world.clone()]).await;
    let other = UserId::new();
    change(&bed, 1, 9).await;
    // More than a chunk holds.
    let mut users: Vec<(UserId, i64)> = (0..2_500).map(|_| (UserId::new(), 2)).collect();
    users.extend([(other, 2), (USER, 3)]);
    bed.build_with(EPOCH + 1, users, vec![world.clone()]).await;
    let count: i64 = bed.raw.run(&["HLEN", &bed.pool.keys().users()]).await;
    assert_eq!(count, 2_502);
    let claims = [under(&world.round, USER, 2), under(&world.round, other, 1), under(&world.round, USER, 3)];
    let reply =
        bed.claimer.claim(EPOCH + 1, i64::MAX >> 12, 9, world.round.round_id, &claims.each_ref()).await.unwrap();
    let ClaimReply::Ok { replies, .. } = reply else { panic!("{reply:?}") };
    assert_eq!(replies[..2], [ClaimAnswer::SignedOut, ClaimAnswer::SignedOut]);
    assert!(matches!(replies[2], ClaimAnswer::Decided(_)));

    bed.build(EPOCH + 2, vec![world.clone()]).await;
    let count: i64 = bed.raw.run(&["HLEN", &bed.pool.keys().users()]).await;
    assert_eq!(count, 0);
}
