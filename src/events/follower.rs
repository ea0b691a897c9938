//! One pool's follower.

use super::{Error, Kind, Result, Row, audience::Audiences};
use crate::{
    domain::{
        clock,
        event::{Effect, StateEvent},
        ids::{PoolId, StoreId, UserId},
    },
    storage::{
        Db, auth_versions,
        outbox_tail::{self, TailRow},
        rounds, status,
        trouble::{self, Trouble},
    },
};
use sqlx::PgConnection;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

/// A commit is heard of this soon even when its hint was lost.
const POLL_EVERY: Duration = Duration::from_millis(25);
const ROWS_MAX: i64 = 1_000;
/// A node starts with the events of this time, for phones that come back to it from another node.
const RECENT_S: i32 = 300;

#[derive(Debug)]
pub struct Follower {
    db: Db,
    pool_id: PoolId,
    /// The last number handed out.
    cursor: i64,
    audiences: Audiences,
    heads: StoreHeads,
}

/// Where a node begins: everything here is of one moment.
#[derive(Debug)]
pub struct Started {
    pub follower: Follower,
    /// The last minutes up to the cursor, in order: for resumes, not news.
    pub recent: Vec<Row>,
    /// What every round stands at that is neither a draft nor over, however long nothing was told of it.
    pub states: Vec<Row>,
    /// Everybody who was ever changed, with the newest auth version.
    pub users: Vec<(UserId, i64)>,
}

/// The newest event's number of every store, as of the rows handed out so far. Cheap to share; never asks the database.
#[derive(Clone, Debug, Default)]
pub struct StoreHeads(Arc<RwLock<HashMap<StoreId, i64>>>);

impl StoreHeads {
    /// 0: nothing was ever told to this store.
    pub fn store_seq(&self, store_id: StoreId) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&store_id).copied().unwrap_or(0)
    }

    pub fn all(&self) -> Vec<(StoreId, i64)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().map(|(id, seq)| (*id, *seq)).collect()
    }

    fn raise(&self, store_id: StoreId, store_seq: i64) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(store_id, store_seq);
    }
}

impl Follower {
    /// Reads head, stores, the last five minutes and the rounds in one snapshot.
    pub async fn start(db: Db, pool_id: PoolId) -> Result<Started> {
        let mut tx = db.0.begin_with("begin isolation level repeatable read read only").await?;
        let head = outbox_tail::head(&mut tx, &pool_id).await?;
        let heads = outbox_tail::store_heads(&mut tx, &pool_id).await?;
        let cursor = outbox_tail::start_of_last(&mut tx, &pool_id, RECENT_S, head).await?;
        let heads = StoreHeads(Arc::new(RwLock::new(heads.into_iter().collect())));
        let mut follower = Self { db: db.clone(), pool_id, cursor, audiences: Audiences::default(), heads };
        let mut recent = Vec::new();
        while follower.cursor < head {
            let rows = follower.read(&mut tx).await?;
            // A restored database goes on far above the rows it has. Only what lies behind the last jump can be resumed.
            if let Some(jump) = last_jump(follower.cursor, &rows, head) {
                tracing::warn!(from = follower.cursor, to = jump, "the outbox jumps: resumes begin behind it");
                recent.clear();
                follower.cursor = jump;
                continue;
            }
            recent.extend(follower.take(&mut tx, rows).await?);
        }
        let states = follower.states(&mut tx, head).await?;
        let users = auth_versions::raised(&mut tx).await?;
        tx.commit().await?;
        Ok(Started { follower, recent, states, users })
    }

    /// The rounds as rows that say all up to `head`.
    async fn states(&mut self, conn: &mut PgConnection, head: i64) -> Result<Vec<Row>> {
        let ids: Vec<_> = rounds::current(conn, &self.pool_id).await?.iter().map(|round| round.id).collect();
        let statuses = status::round_statuses(conn, &ids).await?.into_iter();
        let boards = status::boards(conn, &ids).await?.into_iter();
        let statuses = statuses.map(|status| (status.round_id, StateEvent::Round(status)));
        let boards = boards.map(|figures| (figures.round_id, StateEvent::Board(figures)));
        let mut rows = Vec::with_capacity(2 * ids.len());
        for (round_id, event) in statuses.chain(boards) {
            let audience = self.audiences.of(conn, round_id).await?;
            rows.push(Row { number: head, at: clock::now(), kind: Kind::State { round_id, event, audience } });
        }
        Ok(rows)
    }

    pub fn cursor(&self) -> i64 {
        self.cursor
    }

    pub fn heads(&self) -> StoreHeads {
        self.heads.clone()
    }

    /// The rows committed since, at most a thousand; the cursor moves behind them.
    pub async fn poll(&mut self) -> Result<Vec<Row>> {
        let mut conn = self.db.0.acquire().await?;
        let rows = self.read(&mut conn).await?;
        self.take(&mut conn, rows).await
    }

    /// Hands rows on until it is told to stop or nobody takes them any more. `hint` is a wake-up and nothing else.
    /// Only a fault of ours ends it with an error: a gap or an unreadable row.
    pub async fn run(mut self, stop: CancellationToken, hint: Arc<Notify>, rows: mpsc::Sender<Row>) -> Result<()> {
        let mut trouble = Trouble::default();
        while !stop.is_cancelled() {
            // Listening begins before the look, so that a commit in between is not slept over.
            let mut woken = std::pin::pin!(hint.notified());
            woken.as_mut().enable();
            let before = self.cursor;
            let pause = match self.poll().await {
                Ok(new) => {
                    trouble.over("following the outbox");
                    for row in new {
                        tokio::select! {
                            sent = rows.send(row) => if sent.is_err() { return Ok(()) },
                            () = stop.cancelled() => return Ok(()),
                        }
                    }
                    if self.cursor - before >= ROWS_MAX { Duration::ZERO } else { POLL_EVERY }
                }
                Err(Error::Database(error)) => trouble.note("following the outbox", trouble::kind(&error), &error),
                Err(fault) => return Err(fault),
            };
            // No query is under way here: cutting one short would poison its connection.
            tokio::select! {
                () = stop.cancelled() => {}
                () = woken => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        Ok(())
    }

    async fn read(&self, conn: &mut PgConnection) -> Result<Vec<TailRow>> {
        Ok(outbox_tail::after(conn, &self.pool_id, self.cursor, ROWS_MAX).await?)
    }

    /// Moves the cursor only when every row could be read, so that a failed look-up is repeated with its rows.
    async fn take(&mut self, conn: &mut PgConnection, tail: Vec<TailRow>) -> Result<Vec<Row>> {
        let mut rows = Vec::with_capacity(tail.len());
        let mut cursor = self.cursor;
        for row in tail {
            if row.number != cursor + 1 {
                return Err(Error::Gap { expected: cursor + 1, found: row.number });
            }
            cursor = row.number;
            if let Some(row) = self.understand(conn, row).await? {
                rows.push(row);
            }
        }
        for row in &rows {
            if let Kind::Store { store_id, store_seq, .. } = row.kind {
                self.heads.raise(store_id, store_seq);
            }
        }
        self.cursor = cursor;
        Ok(rows)
    }

    /// `None`: an effect that concerns only Redis.
    async fn understand(&mut self, conn: &mut PgConnection, row: TailRow) -> Result<Option<Row>> {
        let TailRow { number, at, round_id, store_id, store_seq, event, effect } = row;
        let Some(event) = event else {
            return Ok(match effect.map(|effect| effect.0) {
                Some(Effect::User { user_id, auth_version }) => {
                    Some(Row { number, at, kind: Kind::User { user_id, auth_version } })
                }
                Some(Effect::Release { .. } | Effect::Suspend { .. }) | None => None,
            });
        };
        let unreadable = |why: &str| Error::Unreadable { number, why: why.to_owned() };
        let kind = match (store_id, store_seq, round_id) {
            (Some(store_id), Some(store_seq), _) => {
                let event = serde_json::from_value(event).map_err(|error| unreadable(&error.to_string()))?;
                Kind::Store { store_id, store_seq, event }
            }
            (None, None, Some(round_id)) => {
                let event = serde_json::from_value(event).map_err(|error| unreadable(&error.to_string()))?;
                Kind::State { round_id, event, audience: self.audiences.of(conn, round_id).await? }
            }
            _ => return Err(unreadable("it concerns neither a store nor a round")),
        };
        Ok(Some(Row { number, at, kind }))
    }
}

/// The number before the last row that does not follow its predecessor; with no row at all, before what comes next.
fn last_jump(cursor: i64, rows: &[TailRow], head: i64) -> Option<i64> {
    let before = std::iter::once(cursor).chain(rows.iter().map(|row| row.number));
    let jumps = before.zip(rows).filter(|(before, row)| row.number != before + 1).map(|(_, row)| row.number - 1);
    jumps.last().or(rows.is_empty().then_some(head))
}
