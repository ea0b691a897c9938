//! Arming a round a moment ahead of its time. The script itself compares the clock from then on, so nobody opens anything
//! at T; but what was not checked is not armed: a red check delays the opening and is told at every step.

use super::{Coordinator, Error, Result, Rounds, coordinator::Now};
use crate::{
    domain::{
        clock::UnixMs,
        ids::RoundId,
        round::{Intent, RoundState},
    },
    storage::{
        Tx,
        rounds::{self as books, RoundRow, intents},
    },
};

/// A loaded round is looked at so often until it opens, so that a red check is known minutes ahead.
const CHECK_EVERY_MS: i64 = 5_000;

/// What stands in the way of opening. The name is the metric's label.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Red {
    /// A line has other units left in Redis than in the books.
    LinesDiffer,
    /// Redis knows another number of invited stores.
    StoresDiffer,
    /// The warehouses hold fewer pledged units than the round offers.
    NotPledged,
}

impl Red {
    fn name(&self) -> &'static str {
        match self {
            Self::LinesDiffer => "lines_differ",
            Self::StoresDiffer => "stores_differ",
            Self::NotPledged => "not_pledged",
        }
    }
}

impl Coordinator {
    pub(super) async fn open_when_due(&mut self, round: &RoundRow, now: Now) -> Result<Option<UnixMs>> {
        let loaded = self.rounds.hot.round(now.epoch, round.id).await?.is_some();
        if round.intent_no > 0 {
            // The order was given; it, and whatever was asked since, may still wait to be applied.
            if loaded {
                self.rounds.apply_waiting(round.id).await?;
            } else {
                self.recovery.demand("a round that was to open is missing");
            }
            return Ok(None);
        }
        if !loaded {
            self.rounds.load(round.id).await?;
            return Ok(Some(now.ms));
        }
        let due_ms = round.opens_ms() + round.shift_ms - self.config.open_lead_ms;
        if now.ms < due_ms.min(self.next_check_ms(round.id)) {
            return Ok(Some(due_ms));
        }
        if let Some(red) = self.rounds.first_red(round).await? {
            metrics::counter!("rounds_red_checks_total", "check" => red.name()).increment(1);
            self.stands_still(round, format!("the check {} is red", red.name()));
        } else if now.ms < due_ms {
            self.check_again_at(round.id, now.ms + CHECK_EVERY_MS);
        } else if self.rounds.order_to_open(round.id).await? {
            self.rounds.apply_waiting(round.id).await?;
        }
        Ok(Some(due_ms))
    }
}

impl Rounds {
    async fn first_red(&self, round: &RoundRow) -> Result<Option<Red>> {
        let mut conn = self.db.0.acquire().await?;
        let lines = books::lines(&mut conn, round.id).await?;
        let stores = books::count_invited(&mut conn, round.id).await?;
        let pledged = books::pledged_in_stock(&mut conn, round.id).await?;
        drop(conn);
        let loaded = self.hot.loaded(round.id).await?;
        let lines_agree = loaded.left.len() == lines.len()
            && lines.iter().all(|line| loaded.left.get(&line.id) == Some(&line.left()));
        Ok(if !lines_agree {
            Some(Red::LinesDiffer)
        } else if loaded.stores != stores {
            Some(Red::StoresDiffer)
        } else if !pledged {
            Some(Red::NotPledged)
        } else {
            None
        })
    }

    /// Under the round's lock, so that it and a cancellation cannot both happen.
    async fn order_to_open(&self, id: RoundId) -> Result<bool> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if round.state != RoundState::Warming || round.intent_no > 0 {
            return Ok(false);
        }
        intents::add(&mut tx, id, Intent::Open, "", None).await?;
        tx.commit().await?;
        Ok(true)
    }
}
