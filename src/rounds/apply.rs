//! Carrying numbered wishes from the books to Redis, in their order, by whoever comes first: the node that was asked, or
//! the coordinator. A script ignores a number that is not above the last applied one, so doing it twice does nothing.

use super::{Error, Result, Rounds};
use crate::{
    domain::{ids::RoundId, round::Intent},
    hot::{HotError, IgnoredWhy, RoundReply},
    storage::rounds::intents::{self, Waiting},
};

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The script did it; the books follow.
    Applied,
    /// It stands in the books, and Redis could not be asked just now: the coordinator goes on trying.
    Waiting,
}

impl Rounds {
    /// Applies everything that waits, oldest first, and stops at the first that cannot be applied now, so that no wish
    /// overtakes another.
    pub(super) async fn apply_waiting(&self, round: RoundId) -> Result<()> {
        let mut conn = self.db.0.acquire().await?;
        let waiting = intents::waiting(&mut conn, round).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let epoch = self.hot.head().await?.epoch;
        for wish in waiting {
            match self.send(epoch, round, wish).await {
                Ok(RoundReply::Applied { n, .. }) => tracing::info!(round_id = %round, ?wish, n, "applied"),
                // Its own number or a later one was seen before; as nothing overtakes, it was its own. The writer notes it.
                Ok(RoundReply::Ignored(IgnoredWhy::Intent)) => {}
                Ok(RoundReply::Ignored(why)) => {
                    tracing::info!(round_id = %round, ?wish, why = why.as_str(), "ignored");
                    intents::note_ignored(&mut conn, round, wish.intent_no, why.as_str()).await?;
                }
                Ok(RoundReply::Unknown | RoundReply::Fenced | RoundReply::Epoch(_)) => return Err(Error::NotLoaded),
                // A wish that no script can read must not hold up those after it, a stop perhaps.
                Err(HotError::Corrupt(what)) => {
                    tracing::error!(round_id = %round, ?wish, what, "unreadable");
                    intents::note_ignored(&mut conn, round, wish.intent_no, "unreadable").await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn send(&self, epoch: i64, round: RoundId, wish: Waiting) -> std::result::Result<RoundReply, HotError> {
        let number = wish.intent_no;
        match wish.intent {
            Intent::Open => self.hot.open(epoch, round, number).await,
            // A pause that Redis obeyed and then lost; as a rule it is known there and ignored.
            Intent::Pause => self.hot.pause(epoch, round, number).await,
            Intent::Resume { pause_no } => self.hot.resume(epoch, round, number, pause_no).await,
            Intent::Extend { closes_at_ms } => self.hot.extend(epoch, round, number, closes_at_ms).await,
            Intent::Stop => self.hot.stop(epoch, round, number).await,
            Intent::Close => self.hot.close(epoch, round, number).await,
        }
    }
}
