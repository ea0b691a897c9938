//! After a commit: nodes are woken, and Redis learns how much is in the books. Both may fail or be lost without harm: a
//! hint only shortens a wait, and what was not reported is reported again.

use super::Writer;
use crate::{
    hot::{HotError, ReportReply},
    storage::ledger::Written,
};

impl Writer {
    /// Tells what a batch did, to Redis, to the nodes and to whoever watches.
    pub async fn publish(&mut self, written: &Written) {
        metrics::counter!("ledger_claims_total").increment(count(written.claims));
        metrics::counter!("ledger_orders_total").increment(count(written.orders));
        metrics::counter!("ledger_revoked_total").increment(count(written.revoked));
        metrics::counter!("ledger_dead_entries_total").increment(count(written.dead.len()));
        for (entry_id, why) in &written.dead {
            tracing::error!(pool = %self.pool_id, entry_id, why, "a log entry cannot be applied and was set aside");
        }
        if written.revoked > 0 {
            tracing::error!(pool = %self.pool_id, claims = written.revoked, "wins had to be revoked: Redis gave more than there is");
        }
        if let Some(number) = written.last_number
            && let Err(error) = self.hot.hint(number).await
        {
            tracing::debug!(%error, "a hint was not sent; nodes poll");
        }
        self.report().await;
    }

    /// Tells Redis how many decisions of the epoch are in the books: claims are let in by the difference.
    pub(super) async fn report(&mut self) {
        let Some(position) = self.position.clone() else { return };
        let now = (position.epoch, position.claims_written);
        if self.reported == Some(now) {
            return;
        }
        match self.try_report(now).await {
            Ok(ReportReply::Done) => {
                self.reported = Some(now);
                self.reporting.over("reporting to Redis");
            }
            // The pool was lost or is being built anew; its recovery begins the count again.
            Ok(ReportReply::Fenced | ReportReply::Epoch(_)) => {}
            Err(error) => {
                self.reporting.note("reporting to Redis", error.kind(), &error);
            }
        }
    }

    /// A forged entry makes the books count more than Redis decided, which Redis refuses to hear. Then all that it knows of
    /// is in the books.
    async fn try_report(&self, (epoch, claims): (i64, i64)) -> Result<ReportReply, HotError> {
        match self.hot.report_written(epoch, claims).await {
            Err(HotError::Corrupt(why)) => {
                let head = self.hot.head().await?;
                if head.epoch != epoch || head.appended >= claims {
                    return Err(HotError::Corrupt(why));
                }
                self.hot.report_written(epoch, head.appended).await
            }
            outcome => outcome,
        }
    }
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
