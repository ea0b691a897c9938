//! Runs that compute the need of the whole chain. The row is the job: whoever holds the lease takes the one that is not
//! finished, and the number of its try fences off an earlier one that still thinks it runs.

use super::{At, Result};
use crate::domain::ids::{NeedRunId, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[sqlx(type_name = "text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NeedRunState {
    /// Until a node takes it.
    Waiting,
    Running,
    Done,
    /// Given up after three tries.
    Failed,
}

/// A run with its counts, as people follow it.
#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct NeedRun {
    pub need_run_id: NeedRunId,
    pub run_no: i64,
    pub state: NeedRunState,
    /// The chain-local date whose nightly run this is; absent when somebody asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub night: Option<NaiveDate>,
    /// Who asked; absent for the nightly run and for the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
    pub asked_at: At,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<At>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<At>,
    /// The last day with sales data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// Listed pairs of a store and a SKU.
    pub pairs_total: i64,
    pub pairs_done: i64,
    /// Pairs with a need above zero.
    pub pairs_in_need: i64,
    /// From its newest start to its end, or until now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<i64>,
}

macro_rules! run_columns {
    () => {
        "select r.id as need_run_id, r.run_no, r.state, r.night, u.name as asked_by, r.asked_at, r.started_at,
                r.finished_at, r.as_of, r.pairs_total, r.pairs_done, r.pairs_in_need,
                floor(extract(epoch from coalesce(r.finished_at, now()) - r.started_at) * 1000)::bigint as took_ms
           from need_runs r
           left join users u on u.id = r.asked_by"
    };
}

/// What a new run is asked by.
#[derive(Clone, Copy, Debug)]
pub enum Asked {
    Person(UserId),
    Night(NaiveDate),
    CommandLine,
}

/// Asks for a run; `None` when one is waiting or running, or when that night had its own.
pub async fn ask(db: &mut PgConnection, asked: Asked) -> Result<Option<NeedRunId>> {
    let (by, night) = match asked {
        Asked::Person(user) => (Some(user), None),
        Asked::Night(night) => (None, Some(night)),
        Asked::CommandLine => (None, None),
    };
    sqlx::query_scalar(
        "insert into need_runs (id, state, night, asked_by)
         values ($1, 'WAITING', $2, $3)
         on conflict do nothing
         returning id",
    )
    .bind(NeedRunId::new())
    .bind(night)
    .bind(by)
    .fetch_optional(db)
    .await
}

/// The run that is waiting or running.
pub async fn unfinished(db: &mut PgConnection) -> Result<Option<NeedRun>> {
    sqlx::query_as(concat!(run_columns!(), " where r.state in ('WAITING', 'RUNNING')")).fetch_optional(db).await
}

pub async fn run(db: &mut PgConnection, id: NeedRunId) -> Result<Option<NeedRun>> {
    sqlx::query_as(concat!(run_columns!(), " where r.id = $1")).bind(id).fetch_optional(db).await
}

/// The newest runs first; one more than `limit`.
pub async fn list(db: &mut PgConnection, before: Option<i64>, limit: i64) -> Result<Vec<NeedRun>> {
    sqlx::query_as(concat!(
        run_columns!(),
        " where ($1::bigint is null or r.run_no < $1)
          order by r.run_no desc
          limit $2 + 1"
    ))
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// The newest run that is done.
pub async fn current(db: &mut PgConnection) -> Result<Option<NeedRun>> {
    sqlx::query_as(concat!(run_columns!(), " where r.state = 'DONE' order by r.run_no desc limit 1"))
        .fetch_optional(db)
        .await
}

/// A run taken in hand.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Try {
    pub id: NeedRunId,
    pub run_no: i64,
    pub tries: i32,
}

/// Begins a new try; every earlier one is fenced off by its number.
pub async fn begin(db: &mut PgConnection, id: NeedRunId) -> Result<Option<Try>> {
    sqlx::query_as(
        "update need_runs
            set state         = 'RUNNING',
                started_at    = now(),
                tries         = tries + 1,
                pairs_total   = 0,
                pairs_done    = 0,
                pairs_in_need = 0
          where id = $1
            and state in ('WAITING', 'RUNNING')
         returning id, run_no, tries",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// What lies ahead; `false` when another try has taken over.
pub async fn plan(db: &mut PgConnection, run: Try, as_of: Option<NaiveDate>, pairs_total: i64) -> Result<bool> {
    let done = sqlx::query(
        "update need_runs
            set as_of       = $3,
                pairs_total = $4
          where id = $1
            and state = 'RUNNING'
            and tries = $2",
    )
    .bind(run.id)
    .bind(run.tries)
    .bind(as_of)
    .bind(pairs_total)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts a batch, in the transaction that writes it; `false` when another try has taken over.
pub async fn count(db: &mut PgConnection, run: Try, pairs: i64, in_need: i64) -> Result<bool> {
    let done = sqlx::query(
        "update need_runs
            set pairs_done    = pairs_done + $3,
                pairs_in_need = pairs_in_need + $4
          where id = $1
            and state = 'RUNNING'
            and tries = $2",
    )
    .bind(run.id)
    .bind(run.tries)
    .bind(pairs)
    .bind(in_need)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// From here on everybody reads this run.
pub async fn finish(db: &mut PgConnection, run: Try) -> Result<bool> {
    let done = sqlx::query(
        "update need_runs
            set state       = 'DONE',
                finished_at = now()
          where id = $1
            and state = 'RUNNING'
            and tries = $2",
    )
    .bind(run.id)
    .bind(run.tries)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A try that broke off waits for the next one, or is given up after so many.
pub async fn give_up(db: &mut PgConnection, run: Try, tries_max: i32) -> Result<()> {
    sqlx::query(
        "update need_runs
            set state       = case when tries >= $3 then 'FAILED' else 'WAITING' end,
                finished_at = case when tries >= $3 then now() end
          where id = $1
            and state = 'RUNNING'
            and tries = $2",
    )
    .bind(run.id)
    .bind(run.tries)
    .bind(tries_max)
    .execute(db)
    .await?;
    Ok(())
}

/// The chain's time zone; `None` before a chain stands in the books.
pub async fn time_zone(db: &mut PgConnection) -> Result<Option<String>> {
    sqlx::query_scalar("select time_zone from chain").fetch_optional(db).await
}

/// Whether that night has had its run, or is having it.
pub async fn had_night(db: &mut PgConnection, night: NaiveDate) -> Result<bool> {
    sqlx::query_scalar("select exists (select from need_runs where night = $1)").bind(night).fetch_one(db).await
}
