//! When Redis was lost: restarted, emptied, replaced by another process, or never built. One path for all of them.
//!
//! The scripts fence themselves: a process that was not blessed decides nothing. So there is time to let the writer read
//! what survived of the old log, to give Postgres a new epoch, to build the pool anew from one snapshot, and to bless it
//! last. A crash anywhere leaves the pool fenced; whoever goes on begins again, with an epoch higher than any before.

use super::{Coordinator, Result, coordinator::Now, loading};
use crate::{
    domain::{clock::UnixMs, ids::RoundId, round::RoundState},
    hot::{BlessReply, HotPool, PoolHead, RebuildReply, Snapshot},
    storage::{
        Tx, auth_versions,
        rounds::{
            self as books, load,
            pool::{self, PoolRow},
        },
    },
    stream::LogReader,
};

/// How many epochs back a log is looked for. Only recoveries that broke off lie between two blessings.
const OLD_LOGS: i64 = 8;

/// What a coordinator remembers of a recovery between two steps. Nothing here is needed to go on: only to be exact about
/// when it began, and to say each thing once.
#[derive(Default)]
pub struct Recovery {
    /// When the pool was last seen healthy, by Redis' clock.
    healthy_ms: Option<UnixMs>,
    /// Why the pool must be built anew although its process is the blessed one.
    demanded: Option<&'static str>,
    /// What was last said in the log.
    told: Option<&'static str>,
    /// Of the epoch named; it has a connection of its own.
    reader: Option<(i64, LogReader)>,
}

impl Recovery {
    /// Somebody else has the lease: what is remembered here grows old.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    pub fn demand(&mut self, why: &'static str) {
        self.demanded = Some(why);
    }

    fn reader(&mut self, hot: &HotPool, epoch: i64) -> &mut LogReader {
        self.reader.take_if(|(of, _)| *of != epoch);
        &mut self.reader.get_or_insert_with(|| (epoch, LogReader::new(hot, epoch))).1
    }

    /// Whether the entry after the position is not the next one. Entries are dense, so some were lost, and the writer waits.
    async fn has_gap(&mut self, hot: &HotPool, in_books: &PoolRow) -> Result<bool> {
        let next = self.reader(hot, in_books.epoch).read(&in_books.log_pos, 1, 0).await?;
        Ok(next.first().and_then(|entry| entry.n).is_some_and(|n| n > in_books.log_n + 1))
    }

    /// Whether the books hold everything that is left of the log they were following. A log that Redis lost the end of
    /// may well end before the place where the books stand; one that has a gap is followed no further.
    async fn drained(&mut self, hot: &HotPool, in_books: &PoolRow) -> Result<bool> {
        match self.reader(hot, in_books.epoch).end().await? {
            Some(end) if entry_id(&end.id)? > entry_id(&in_books.log_pos)? => self.has_gap(hot, in_books).await,
            Some(_) | None => Ok(true),
        }
    }

    fn tell(&mut self, what: &'static str) {
        if self.told != Some(what) {
            tracing::warn!("recovery: {what}");
            self.told = Some(what);
        }
    }
}

impl Coordinator {
    /// Redis' time if the pool decides; `None` while it is being recovered, which this goes on with.
    pub(super) async fn recover(&mut self) -> Result<Option<Now>> {
        let hot = &self.rounds.hot;
        let server = hot.server_run_id().await?;
        let head = hot.head().await?;
        let now_ms = hot.now_ms().await?;
        let in_books = self.pool_in_books().await?;
        if self.recovery.demanded.is_none() && self.recovery.has_gap(hot, &in_books).await? {
            self.recovery.demanded = Some("the log has lost entries");
        }
        match self.recovery.demanded.or_else(|| sickness(&in_books, &head, &server)) {
            None => {
                self.note_healthy(&in_books, &server, now_ms).await?;
                Ok(Some(Now { ms: now_ms, epoch: head.epoch }))
            }
            Some(why) => {
                self.recovery.tell(why);
                self.go_on(&in_books, &head, &server, now_ms).await?;
                Ok(None)
            }
        }
    }

    /// As far towards a pool that decides as can be gone in one step.
    async fn go_on(&mut self, in_books: &PoolRow, head: &PoolHead, server: &str, now_ms: UnixMs) -> Result<()> {
        metrics::gauge!("pool_fenced").set(1.0);
        let since_ms = self.recovery.healthy_ms.unwrap_or(now_ms);
        let mut conn = self.rounds.db.0.acquire().await?;
        pool::fence(&mut conn, &self.rounds.pool, since_ms).await?;
        let epoch = in_books.epoch.max(head.epoch).max(head.building_epoch.unwrap_or(0)) + 1;

        if head.run_id.as_deref() == Some(server) {
            // Its process is the blessed one and may be granting: the gate is shut before the log is looked at. The next
            // step finds nobody blessed and goes on with an epoch above this one.
            self.is_ours(&self.rounds.hot.begin_rebuild(epoch, server).await?);
            return Ok(());
        }
        // Everything that survived must be in the books before the snapshot is taken. No one appends: the gate is shut.
        if !self.recovery.drained(&self.rounds.hot, in_books).await? {
            self.recovery.tell("the writer still reads what is left of the old log");
            return Ok(());
        }
        // The books must still stand where they were found drained. From this commit on the old log is refused.
        if pool::begin_epoch(&mut conn, &self.rounds.pool, in_books, epoch).await? {
            drop(conn);
            if self.is_ours(&self.rounds.hot.begin_rebuild(epoch, server).await?) {
                self.rebuild(epoch, server).await?;
            }
        }
        Ok(())
    }

    async fn pool_in_books(&self) -> Result<PoolRow> {
        let mut conn = self.rounds.db.0.acquire().await?;
        Ok(pool::read(&mut conn, &self.rounds.pool).await?)
    }

    async fn note_healthy(&mut self, in_books: &PoolRow, server: &str, now_ms: UnixMs) -> Result<()> {
        self.recovery.healthy_ms = Some(now_ms);
        if self.recovery.told.take().is_some() {
            tracing::info!(epoch = in_books.epoch, "recovery: the pool decides again");
            metrics::gauge!("pool_fenced").set(0.0);
        }
        // The first look after a blessing, whoever lived to see it: the logs before it were drained and are litter now.
        if in_books.run_id.as_deref() != Some(server) {
            for epoch in (in_books.epoch - OLD_LOGS).max(1)..in_books.epoch {
                self.rounds.hot.drop_log(epoch).await?;
            }
            let mut conn = self.rounds.db.0.acquire().await?;
            pool::note_blessed(&mut conn, &self.rounds.pool, in_books.epoch, server).await?;
        }
        Ok(())
    }

    /// One snapshot into Redis, the gate last.
    async fn rebuild(&mut self, epoch: i64, server: &str) -> Result<()> {
        let rounds = &self.rounds;
        let mut tx = Tx::begin(&rounds.db).await?;
        load::begin_snapshot(&mut tx).await?;
        let applied_no = load::newest_effect(&mut tx, &rounds.pool).await?;
        let users = auth_versions::raised(&mut tx).await?;
        let mut snapshot = Snapshot { epoch, run_id: server.to_owned(), applied_no, users, rounds: Vec::new() };
        for round in books::current(&mut tx, &rounds.pool).await? {
            // A closed round's verdicts are in the books, all of them: they are asked for there.
            if round.state.is_live() || round.state == RoundState::Settling {
                snapshot.rounds.push(loading::snapshot_round(&mut tx, &round).await?);
            }
        }
        let in_books = pool::read(&mut tx, &rounds.pool).await?;
        tx.rollback().await?;

        let hot = &rounds.hot;
        if !self.is_ours(&hot.rebuild(&snapshot).await?) {
            return Ok(());
        }
        let fenced_ms = match in_books.fenced_at {
            Some(since) => (hot.now_ms().await? - since.timestamp_millis()).max(0),
            None => 0,
        };
        let rounds: Vec<RoundId> = snapshot.rounds.iter().map(|round| round.round.round_id).collect();
        match hot.bless(epoch, server, applied_no, fenced_ms, &rounds).await? {
            BlessReply::Blessed { .. } => {}
            other => {
                tracing::warn!(epoch, ?other, "recovery: not blessed, it begins again");
                return Ok(());
            }
        }
        self.recovery.demanded = None;
        tracing::warn!(epoch, fenced_ms, rounds = rounds.len(), "recovery: blessed");
        metrics::counter!("pool_recoveries_total").increment(1);
        Ok(())
    }

    /// If not, another building is under way or the process changed again: the next step looks.
    fn is_ours(&self, reply: &RebuildReply) -> bool {
        let ours = *reply == RebuildReply::Done;
        if !ours {
            tracing::warn!(?reply, "recovery: somebody else builds, or Redis changed again");
        }
        ours
    }
}

/// Why the pool does not decide, if it does not.
fn sickness(in_books: &PoolRow, head: &PoolHead, server: &str) -> Option<&'static str> {
    match head.run_id.as_deref() {
        None => Some("Redis has no blessed process: it is new, was emptied, or a rebuild broke off"),
        Some(blessed) if blessed != server => Some("Redis is another process than the one blessed"),
        Some(_) if head.epoch != in_books.epoch => Some("Redis is in another epoch than the books"),
        Some(_) => None,
    }
}

/// A log entry's id as numbers, so that ids compare as Redis compares them.
fn entry_id(text: &str) -> Result<(u64, u64)> {
    text.split_once('-')
        .and_then(|(ms, seq)| Some((ms.parse().ok()?, seq.parse().ok()?)))
        .ok_or_else(|| super::Error::LogPosition(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> (PoolRow, PoolHead) {
        let row = PoolRow { epoch: 3, run_id: None, log_pos: "0-0".to_owned(), log_n: 0, fenced_at: None };
        (row, PoolHead { run_id: Some("a".to_owned()), epoch: 3, ..PoolHead::default() })
    }

    #[test]
    fn a_pool_decides_only_by_the_blessed_process_in_the_epoch_of_the_books() {
        let (row, head) = healthy();
        assert_eq!(sickness(&row, &head, "a"), None);
        assert!(sickness(&row, &head, "b").is_some());
        assert!(sickness(&row, &PoolHead { run_id: None, ..head.clone() }, "a").is_some());
        assert!(sickness(&PoolRow { epoch: 4, ..row }, &head, "a").is_some());
    }

    #[test]
    fn entry_ids_compare_as_numbers() {
        let id = |text| entry_id(text).expect("an id");
        assert!(id("9-0") < id("10-0") && id("10-2") < id("10-10"));
        assert!(entry_id("10").is_err() && entry_id("a-1").is_err());
    }
}
