//! Long random lives of a pool: after every call the scripts' answers are the model's, and every so often everything that
//! stands in Redis is what the model holds. `GRABORDER_MODEL_STEPS` makes it longer, `GRABORDER_MODEL_SEED` repeats one.

use super::{
    bed::{Bed, LATER_MS, number_from_environment, private_redis},
    compare,
    life::Dice,
    model::{Model, Wish},
};
use graborder::{
    domain::{
        claim::Claim,
        event::{Effect, ReleasedLine},
        ids::{RoundId, StoreId, UserId},
    },
    hot::{ClaimReply, IgnoredWhy, ReleaseReply, RoundReply, WarmReply},
};

/// A claim is a step, and so is every other command.
const STEPS: u64 = 100_000;
const COMMANDS_A_LIFE: usize = 90;
const COMMANDS_A_COMPARISON: usize = 30;

#[tokio::test]
async fn the_scripts_do_what_the_model_does() {
    let mut redis = private_redis(&[], false).await;
    let steps = number_from_environment("GRABORDER_MODEL_STEPS").unwrap_or(STEPS);
    let first = number_from_environment("GRABORDER_MODEL_SEED").unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let (mut seed, mut done) = (first, 0);
    while done < steps {
        // A failing life is told by its seed, which is printed with the panic.
        println!("GRABORDER_MODEL_SEED={seed}");
        done += life(&redis.url(), seed).await;
        seed += 1;
    }
    println!("{done} steps in {} lives from seed {first}", seed - first);
    redis.stop().await.unwrap();
}

struct Life {
    bed: Bed,
    model: Model,
    dice: Dice,
    stores: Vec<StoreId>,
    users: Vec<UserId>,
    rounds: Vec<RoundId>,
    sent: Vec<Claim>,
}

async fn life(url: &str, seed: u64) -> u64 {
    let bed = Bed::bare_on(url).await;
    let mut dice = Dice::new(seed);
    let stores: Vec<StoreId> = (0..5).map(|_| StoreId(dice.uuid())).collect();
    let users: Vec<UserId> = (0..6).map(|_| UserId(dice.uuid())).collect();
    let now_ms = bed.now_ms().await;
    let mut model = Model { epoch: 1 + dice.below(3), n: 1, ..Model::default() };
    // Two rounds at once, over the same stores.
    let worlds: Vec<_> = (0..2).map(|_| dice.round(&stores, now_ms)).collect();
    worlds.iter().for_each(|world| model.load(&world.round));
    let rounds = worlds.iter().map(|world| world.round.round_id).collect();
    // In some lives users were changed before Redis was built.
    model.users = users.iter().take(usize::try_from(dice.below(3)).unwrap()).map(|user| (*user, 2)).collect();
    bed.build_with(model.epoch, model.users.clone().into_iter().collect(), worlds).await;
    let mut life = Life { bed, model, dice, stores, users, rounds, sent: Vec::new() };
    let mut steps = 0;
    for command in 1..=COMMANDS_A_LIFE {
        steps += life.step().await;
        if command % COMMANDS_A_COMPARISON == 0 {
            compare::all(&mut life.bed, &life.model).await;
        }
    }
    compare::log(&life.bed, &life.model).await;
    let keys: Vec<String> = life.bed.raw.run(&["KEYS", &format!("{}:*", life.bed.raw.prefix)]).await;
    let keys: Vec<&str> = std::iter::once("UNLINK").chain(keys.iter().map(String::as_str)).collect();
    life.bed.raw.run::<i64>(&keys).await;
    steps
}

impl Life {
    async fn step(&mut self) -> u64 {
        match self.dice.below(100) {
            0..=77 => return self.claims().await,
            78..=89 => self.intent().await,
            90..=93 => self.release().await,
            94 => self.suspend().await,
            95 => self.change_user().await,
            96..=97 => self.written().await,
            _ => self.warm().await,
        }
        1
    }

    async fn claims(&mut self) -> u64 {
        let round_id = *self.dice.pick(&self.rounds);
        let told = self.model.rounds[&round_id].told.clone();
        let count = 1 + {
            let most = *self.dice.pick(&[1, 8, 64]);
            self.dice.below(most)
        };
        let mut claims = Vec::new();
        for _ in 0..count {
            let claim = self.dice.claim(&told, &self.stores, &self.users, &self.sent);
            self.sent.push(claim.clone());
            claims.push(claim);
        }
        let claims: Vec<&Claim> = claims.iter().collect();
        let backlog_max = if self.dice.chance(3) { self.dice.below(40) } else { 1_000_000 };
        let epoch = self.model.epoch;
        if self.dice.chance(2) {
            let stale = self.bed.claimer.claim(epoch, 1, backlog_max, round_id, &claims).await.unwrap();
            assert!(matches!(stale, ClaimReply::Stale { .. }));
        }
        let reply = self.bed.claimer.claim(epoch, LATER_MS, backlog_max, round_id, &claims).await.unwrap();
        let ClaimReply::Ok { now_ms, replies } = reply else { panic!("{reply:?}") };
        assert!(now_ms >= self.model.rounds[&round_id].last_ms);
        let expected = self.model.claim(now_ms, backlog_max, round_id, &claims);
        for ((claim, reply), expected) in claims.iter().zip(&replies).zip(&expected) {
            assert_eq!(reply, expected, "{claim:?} in {told:?}");
        }
        u64::try_from(claims.len()).unwrap()
    }

    async fn intent(&mut self) {
        let round_id = *self.dice.pick(&self.rounds);
        let round = &self.model.rounds[&round_id];
        let (last_ms, next) = (round.last_ms, round.intent_no + 1);
        let latch = round.latch.map(|(pause_no, _)| pause_no);
        let intent_no = if self.dice.chance(10) { self.dice.below(next) } else { next + self.dice.below(2) };
        let from_ms = self.bed.now_ms().await;
        let wish = self.dice.wish(latch, from_ms);
        let (pool, epoch) = (&self.bed.pool, self.model.epoch);
        let reply = match wish {
            Wish::Open => pool.open(epoch, round_id, intent_no).await,
            Wish::Pause => pool.pause(epoch, round_id, intent_no).await,
            Wish::Resume(pause_no) => pool.resume(epoch, round_id, intent_no, pause_no).await,
            Wish::Extend(closes_ms) => pool.extend(epoch, round_id, intent_no, closes_ms).await,
            Wish::Stop => pool.stop(epoch, round_id, intent_no).await,
            Wish::Close => pool.close(epoch, round_id, intent_no).await,
        }
        .unwrap();
        // When nothing was done the reply has no time: it was one between these two.
        let to_ms = self.bed.now_ms().await;
        let at_ms = match reply {
            RoundReply::Applied { at_ms, .. } => at_ms,
            RoundReply::Ignored(IgnoredWhy::Early) => from_ms.max(last_ms),
            _ => to_ms.max(last_ms),
        };
        assert!((from_ms.max(last_ms)..=to_ms.max(last_ms)).contains(&at_ms));
        assert_eq!(reply, self.model.intent(at_ms, round_id, intent_no, wish), "{wish:?} as number {intent_no}");
    }

    fn number(&mut self) -> i64 {
        let next = self.model.applied_no + 1 + self.dice.below(3);
        if self.dice.chance(15) { self.dice.below(next) } else { next }
    }

    async fn release(&mut self) {
        let round_id = *self.dice.pick(&self.rounds);
        let told = self.model.rounds[&round_id].told.clone();
        let store_id = *self.dice.pick(&self.stores);
        let (number, credit_cents) = (self.number(), self.dice.below(5_000));
        let lines: Vec<_> = told.lines.iter().map(|line| (line.line_id, self.dice.below(20))).collect();
        let effect = Effect::Release {
            round_id,
            store_id,
            credit_cents,
            day: told.day,
            period: told.period,
            dock_day: told.dock_day,
            lines: lines.iter().map(|(line_id, units)| ReleasedLine { line_id: *line_id, units: *units }).collect(),
        };
        let done = self.model.release(number, round_id, store_id, credit_cents, &lines);
        self.effect(number, &effect, done).await;
    }

    async fn suspend(&mut self) {
        let (number, store_id) = (self.number(), *self.dice.pick(&self.stores));
        let until_ms = *self.dice.pick(&[0, self.bed.now_ms().await + 100]);
        let done = self.model.suspend(number, store_id, until_ms);
        self.effect(number, &Effect::Suspend { store_id, until_ms }, done).await;
    }

    async fn change_user(&mut self) {
        let (number, user_id) = (self.number(), *self.dice.pick(&self.users));
        let auth_version = 1 + self.model.users.get(&user_id).copied().unwrap_or(1);
        let done = self.model.change_user(number, user_id, auth_version);
        self.effect(number, &Effect::User { user_id, auth_version }, done).await;
    }

    async fn effect(&mut self, number: i64, effect: &Effect, done: bool) {
        let expected = if done { ReleaseReply::Done } else { ReleaseReply::Known };
        assert_eq!(self.bed.pool.release(self.model.epoch, number, effect).await.unwrap(), expected, "{effect:?}");
    }

    async fn written(&mut self) {
        let written = self.dice.below(self.model.appended + 1);
        self.bed.pool.report_written(self.model.epoch, written).await.unwrap();
        self.model.written = self.model.written.max(written);
    }

    /// Another round of the same stores, from a snapshot that is current or not.
    async fn warm(&mut self) {
        let now_ms = self.bed.now_ms().await;
        let mut round = self.dice.round(&self.stores, now_ms).round;
        (round.state, round.intent_no) = (graborder::domain::round::RoundState::Warming, 0);
        round.shift_ms = 0;
        if round.invited.is_empty() {
            return;
        }
        let (epoch, applied_no) = (self.model.epoch, self.model.applied_no);
        if self.dice.chance(20) {
            let other = self.bed.pool.warm(epoch, applied_no + 1, &round).await.unwrap();
            assert_eq!(other, WarmReply::Number(applied_no));
        }
        assert_eq!(self.bed.pool.warm(epoch, applied_no, &round).await.unwrap(), WarmReply::Done);
        self.model.load(&round);
        self.rounds.push(round.round_id);
    }
}
