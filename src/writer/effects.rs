//! Effects of the outbox on the counters in Redis: units given back, stores suspended. They come from anywhere; the pool's
//! writer applies them, in the order of their numbers, and Redis refuses a number that it has seen.

use super::{Result, Writer};
use crate::{
    hot::{HotError, ReleaseReply},
    storage::outbox_tail,
};

/// So many at a step, so that the log does not wait behind a long list.
const EFFECTS_MAX: i64 = 200;

impl Writer {
    /// Applies what waits. A fenced pool gets its effects after its recovery, which loads the counters anew.
    pub async fn apply_effects(&mut self) -> Result<()> {
        let epoch = self.position().await?.epoch;
        match self.try_effects(epoch).await? {
            Ok(()) => self.effecting.over("applying effects"),
            Err(error) => {
                // Whatever Redis did with the last one, it knows best how far it is.
                self.applied = None;
                self.effecting.note("applying effects", error.kind(), &error);
            }
        }
        Ok(())
    }

    /// Outer errors are the database's; inner ones are Redis'.
    async fn try_effects(&mut self, epoch: i64) -> Result<std::result::Result<(), HotError>> {
        let applied_no = match self.applied {
            Some((known, applied_no)) if known == epoch => applied_no,
            _ => match self.hot.head().await {
                Ok(head) if head.epoch == epoch => head.applied_no,
                // Another epoch is being built or has begun; the books will say so.
                Ok(_) => return Ok(Ok(())),
                Err(error) => return Ok(Err(error)),
            },
        };
        self.applied = Some((epoch, applied_no));
        let mut conn = self.db.0.acquire().await?;
        let effects = outbox_tail::effects_after(&mut conn, &self.pool_id, applied_no, EFFECTS_MAX).await?;
        drop(conn);
        for (number, effect) in effects {
            match self.hot.release(epoch, number, &effect).await {
                Ok(ReleaseReply::Done | ReleaseReply::Known) => self.applied = Some((epoch, number)),
                Ok(ReleaseReply::Fenced | ReleaseReply::Epoch(_)) => {
                    self.applied = None;
                    break;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(()))
    }
}
