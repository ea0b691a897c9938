//! The trace of what people did to a round.

use crate::{
    domain::{
        ids::{RoundId, UserId},
        round_step::RoundStep,
    },
    storage::{At, Result},
};
use serde::Serialize;
use sqlx::PgConnection;

/// The caller holds the round, or has just made it.
pub async fn note(tx: &mut PgConnection, round: RoundId, step: RoundStep, by: UserId, reason: &str) -> Result<()> {
    sqlx::query(
        "insert into round_steps (round_id, n, step, by_user, reason)
         select $1, coalesce(max(n), 0) + 1, $2, $3, $4
           from round_steps
          where round_id = $1",
    )
    .bind(round)
    .bind(step)
    .bind(by)
    .bind(reason)
    .execute(tx)
    .await?;
    Ok(())
}

/// One step as people read it.
#[derive(Clone, Debug, sqlx::FromRow, Serialize, utoipa::ToSchema)]
pub struct Happened {
    pub at: At,
    pub step: RoundStep,
    /// Absent: the clock, or the house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_user: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    pub reason: String,
}

/// The newest steps, oldest first, at most so many: what people did before the round lived, and what was asked of it then
/// and not ignored.
pub async fn history(conn: &mut PgConnection, round: RoundId, limit: i64) -> Result<Vec<Happened>> {
    sqlx::query_as(
        "select *
           from (select h.at, h.step, h.by_user, u.name as by_name, h.reason, h.turn
                   from (select at, step, by_user, reason, n::bigint as turn
                           from round_steps
                          where round_id = $1
                          union all
                         select asked_at,
                                case intent ->> 'kind'
                                    when 'open'   then 'opened'
                                    when 'pause'  then 'paused'
                                    when 'resume' then 'resumed'
                                    when 'extend' then 'extended'
                                    when 'stop'   then 'stopped'
                                    else 'closed' end,
                                by_user, reason, intent_no
                           from round_intents
                          where round_id = $1
                            and coalesce(outcome, 'applied') = 'applied') h
                   left join users u on u.id = h.by_user
                  order by h.at desc, h.turn desc
                  limit $2) newest
          order by at, turn",
    )
    .bind(round)
    .bind(limit)
    .fetch_all(conn)
    .await
}
