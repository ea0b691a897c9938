//! What headquarters may ask of a live round.
//!
//! A pause goes to Redis first and needs nothing else: its number is the odd one above the last applied, read from the
//! round itself and compared again by the script. Who asked and why is written down afterwards, if the books are there.
//! Everything else is numbered and written down first, and then applied.

use super::{Asked, Error, Result, Rounds};
use crate::{
    domain::{
        ids::{RoundId, UserId},
        round::{Intent, RoundState},
    },
    hot::IntentReply,
    storage::rounds::{self as books, intents},
};
use std::time::Duration;

/// A pause loses the race for a number only to another intent, which is rare; after so many it is told so.
const PAUSE_TRIES: usize = 5;
/// How long the books may take to note a pause that already holds.
const NOTE_PATIENCE: Duration = Duration::from_secs(2);

impl Rounds {
    /// `Resume { pause_no: 0 }` lifts the pause that holds now. Opening and closing on time is the clock's alone.
    pub async fn ask(&self, id: RoundId, intent: Intent, reason: &str, by: UserId) -> Result<Asked> {
        match intent {
            Intent::Pause => self.pause(id, reason, by).await,
            Intent::Resume { pause_no: 0 } => {
                let pause_no = self.holding_pause(id).await?;
                self.number_and_apply(id, Intent::Resume { pause_no }, reason, by).await
            }
            Intent::Resume { .. } | Intent::Extend { .. } | Intent::Stop => {
                self.number_and_apply(id, intent, reason, by).await
            }
            Intent::Open | Intent::Close => Err(Error::ClockOnly),
        }
    }

    async fn pause(&self, id: RoundId, reason: &str, by: UserId) -> Result<Asked> {
        for _ in 0..PAUSE_TRIES {
            let head = self.hot.round(id).await?.ok_or(Error::NotLoaded)?;
            match head.state {
                RoundState::Open => {}
                RoundState::Paused => return Ok(Asked::Applied),
                other => return Err(Error::State(other)),
            }
            let pause_no = (head.intent_no + 1) | 1;
            match self.hot.pause(id, pause_no).await? {
                IntentReply::Applied { .. } => {
                    tracing::warn!(round_id = %id, pause_no, reason, by = %by, "round paused");
                    self.note_pause(id, pause_no, reason, by).await;
                    return Ok(Asked::Applied);
                }
                // Something else changed the round in between: look again.
                IntentReply::Ignored(_) => {}
                IntentReply::Unknown => return Err(Error::NotLoaded),
            }
        }
        Err(Error::Busy)
    }

    /// The pause holds whether or not this succeeds; without it, only the log line above says who asked.
    async fn note_pause(&self, id: RoundId, pause_no: i64, reason: &str, by: UserId) {
        let note = async {
            let mut conn = self.db.0.acquire().await?;
            intents::note_pause(&mut conn, id, pause_no, reason, by).await
        };
        match tokio::time::timeout(NOTE_PATIENCE, note).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(round_id = %id, pause_no, %error, "the pause holds but is not in the books"),
            Err(_) => tracing::error!(round_id = %id, pause_no, "the pause holds but the books did not answer"),
        }
    }

    async fn holding_pause(&self, id: RoundId) -> Result<i64> {
        let head = self.hot.round(id).await?.ok_or(Error::NotLoaded)?;
        head.pause_no.ok_or(Error::State(head.state))
    }

    async fn number_and_apply(&self, id: RoundId, intent: Intent, reason: &str, by: UserId) -> Result<Asked> {
        let mut tx = self.db.0.begin().await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        // Before the order to open was given there is nothing to stop, extend or resume: such a round is cancelled.
        if !round.state.is_live() || round.intent_no == 0 {
            return Err(Error::State(round.state));
        }
        let number = intents::add(&mut tx, id, intent, reason, Some(by)).await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, number, ?intent, reason, by = %by, "asked");
        match self.apply_waiting(id).await {
            Ok(replies) => match replies.into_iter().find(|(intent_no, _)| *intent_no == number) {
                Some((_, IntentReply::Ignored(why))) if why != "intent" => Err(Error::Ignored(why)),
                // Absent: the coordinator was quicker.
                Some(_) | None => Ok(Asked::Applied),
            },
            Err(error) => {
                tracing::warn!(round_id = %id, number, %error, "numbered, not yet applied");
                Ok(Asked::Waiting)
            }
        }
    }
}
