//! What headquarters may ask of a live round.
//!
//! A pause goes to Redis first and needs nothing else: its number is the odd one above the last applied, read from the
//! round itself and compared again by the script. Who asked and why is written down afterwards, if the books are there.
//! Everything else is numbered and written down first, and then applied.

use super::{Asked, Error, Flaw, FlawKind, Result, Rounds};
use crate::{
    domain::{
        ids::{RoundId, UserId},
        round::{Intent, RoundState},
    },
    hot::{IgnoredWhy, RoundHead, RoundReply},
    storage::{
        Tx,
        rounds::{self as books, RoundRow, intents},
    },
};
use std::time::Duration;

/// A pause loses the race for a number only to another intent, which is rare; after so many it is told so.
const PAUSE_TRIES: usize = 5;
/// How long the books may take to note a pause that already holds.
const NOTE_PATIENCE: Duration = Duration::from_secs(2);
/// No round is open for longer.
const OPEN_MS_MAX: i64 = 31 * 24 * 3_600_000;

impl Rounds {
    /// `Resume { pause_no: 0 }` lifts the pause that holds now. Opening and closing on time are the clock's alone.
    pub async fn ask(&self, id: RoundId, intent: Intent, reason: &str, by: UserId) -> Result<Asked> {
        match intent {
            Intent::Pause => self.pause(id, reason, by).await,
            Intent::Resume { pause_no: 0 } => {
                let (_, head) = self.head(id).await?;
                let latch = head.paused.ok_or(Error::State(head.state))?;
                self.number_and_apply(id, Intent::Resume { pause_no: latch.pause_no }, reason, by).await
            }
            Intent::Resume { .. } | Intent::Extend { .. } | Intent::Stop => {
                self.number_and_apply(id, intent, reason, by).await
            }
            Intent::Open | Intent::Close => Err(Error::ClockOnly),
        }
    }

    async fn pause(&self, id: RoundId, reason: &str, by: UserId) -> Result<Asked> {
        for _ in 0..PAUSE_TRIES {
            let (epoch, head) = self.head(id).await?;
            match head.state {
                RoundState::Open => {}
                RoundState::Paused => return Ok(Asked::Applied),
                other => return Err(Error::State(other)),
            }
            let pause_no = (head.intent_no + 1) | 1;
            match self.hot.pause(epoch, id, pause_no).await? {
                RoundReply::Applied { .. } => {
                    tracing::warn!(round_id = %id, pause_no, reason, by = %by, "round paused");
                    self.note_pause(id, pause_no, reason, by).await;
                    return Ok(Asked::Applied);
                }
                // Something else changed the round in between: look again.
                RoundReply::Ignored(_) => {}
                RoundReply::Unknown | RoundReply::Fenced | RoundReply::Epoch(_) => return Err(Error::NotLoaded),
            }
        }
        Err(Error::Busy)
    }

    /// The pause holds whether or not this succeeds; without it, only the log line above says who asked.
    async fn note_pause(&self, id: RoundId, pause_no: i64, reason: &str, by: UserId) {
        let note = async {
            let mut conn = self.db.0.acquire().await?;
            intents::note_pause(&mut conn, id, pause_no, reason, Some(by)).await
        };
        match tokio::time::timeout(NOTE_PATIENCE, note).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(round_id = %id, pause_no, %error, "the pause holds but is not in the books");
            }
            Err(_) => tracing::error!(round_id = %id, pause_no, "the pause holds but the books did not answer"),
        }
    }

    /// The round as Redis has it, and the epoch it is of.
    async fn head(&self, id: RoundId) -> Result<(i64, RoundHead)> {
        let epoch = self.hot.head().await?.epoch;
        match self.hot.round(epoch, id).await? {
            Some(head) => Ok((epoch, head)),
            None => Err(self.why_absent(id).await),
        }
    }

    /// A round that is not in Redis is as a rule one that does not belong there, which the books know.
    async fn why_absent(&self, id: RoundId) -> Error {
        let read = async {
            let mut conn = self.db.0.acquire().await?;
            books::round(&mut conn, id).await
        };
        match read.await {
            Ok(None) => Error::NotFound,
            Ok(Some(round)) if !round.state.is_live() => Error::State(round.state),
            Ok(Some(_)) => Error::NotLoaded,
            Err(error) => error.into(),
        }
    }

    async fn number_and_apply(&self, id: RoundId, intent: Intent, reason: &str, by: UserId) -> Result<Asked> {
        let mut tx = Tx::begin(&self.db).await?;
        let round = books::round_for_update(&mut tx, id).await?.ok_or(Error::NotFound)?;
        // Before the order to open was given there is nothing to stop, extend or resume: such a round is cancelled.
        if !round.state.is_live() || round.intent_no == 0 {
            return Err(Error::State(round.state));
        }
        check_close(&round, intent)?;
        let number = intents::add(&mut tx, id, intent, reason, Some(by)).await?;
        tx.commit().await?;
        tracing::info!(round_id = %id, number, ?intent, reason, by = %by, "asked");
        if let Err(error) = self.apply_waiting(id).await {
            tracing::warn!(round_id = %id, number, %error, "numbered, not yet applied");
            return Ok(Asked::Waiting);
        }
        let mut conn = self.db.0.acquire().await?;
        match intents::outcome(&mut conn, id, number).await?.as_deref() {
            Some("state") => Err(Error::Ignored(IgnoredWhy::State)),
            Some("latch") => Err(Error::Ignored(IgnoredWhy::Latch)),
            // Applied; whether the writer has noted it yet does not matter.
            Some(_) | None => Ok(Asked::Applied),
        }
    }
}

/// A close that no script would take is refused before it gets a number.
fn check_close(round: &RoundRow, intent: Intent) -> Result<()> {
    let Intent::Extend { closes_at_ms } = intent else { return Ok(()) };
    let kind = match closes_at_ms.checked_sub(round.opens_ms()) {
        Some(open_ms) if open_ms > OPEN_MS_MAX => FlawKind::OutOfRange,
        Some(open_ms) if open_ms > 0 => return Ok(()),
        Some(_) => FlawKind::Late,
        None => FlawKind::OutOfRange,
    };
    Err(Error::Flawed(vec![Flaw { pointer: "/closes_at".to_owned(), kind }]))
}
