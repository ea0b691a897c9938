//! Carrying numbered wishes from the books to Redis, in their order, by whoever comes first: the node that was asked, or
//! the coordinator. A script ignores a number that is not above the last applied one, so doing it twice does nothing.

use super::{Error, Result, Rounds};
use crate::{
    domain::{ids::RoundId, round::Intent},
    hot::{IntentReply, HotError},
    storage::rounds::intents::{self, Waiting},
};

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The script did it; the books follow.
    Applied,
    /// It stands in the books, and Redis could not be asked just now: the coordinator goes on trying.
    Waiting,
}

impl Rounds {
    /// Applies everything that waits, oldest first, and stops at the first that cannot be applied now, so that no wish
    /// overtakes another. Returns what the scripts said.
    pub(super) async fn apply_waiting(&self, round: RoundId) -> Result<Vec<(i64, IntentReply)>> {
        let mut conn = self.db.0.acquire().await?;
        let mut replies = Vec::new();
        for wish in intents::waiting(&mut conn, round).await? {
            let reply = self.send(round, wish).await?;
            match &reply {
                IntentReply::Applied { .. } => tracing::info!(round_id = %round, ?wish, "applied"),
                // Its own number or a later one was seen before: the writer says which, from the log.
                IntentReply::Ignored(why) if why == "intent" => {}
                IntentReply::Ignored(why) => {
                    tracing::info!(round_id = %round, ?wish, why, "ignored");
                    intents::note_ignored(&mut conn, round, wish.intent_no, why).await?;
                }
                IntentReply::Unknown => return Err(Error::NotLoaded),
            }
            replies.push((wish.intent_no, reply));
        }
        Ok(replies)
    }

    async fn send(&self, round: RoundId, wish: Waiting) -> std::result::Result<IntentReply, HotError> {
        let number = wish.intent_no;
        match wish.intent {
            Intent::Open => self.hot.open(round, number).await,
            // A pause that Redis obeyed and then lost; as a rule it is known there and ignored.
            Intent::Pause => self.hot.pause(round, number).await,
            Intent::Resume { pause_no } => self.hot.resume(round, number, pause_no).await,
            Intent::Extend { closes_at_ms } => self.hot.extend(round, number, closes_at_ms).await,
            Intent::Stop => self.hot.close(round, number, true).await,
            Intent::Close => self.hot.close(round, number, false).await,
        }
    }
}
