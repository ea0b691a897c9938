//! What webhooks are told, message by message.

use crate::{
    domain::{
        ids::{PoolId, RoundId, WebhookId, WebhookMessageId},
        round::RoundState,
    },
    storage::{At, Result},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use std::time::Duration;

/// Up to where the outbox was read, held to the commit; `None`: nobody has looked yet.
pub async fn hold_cursor(tx: &mut PgConnection, pool: &PoolId) -> Result<Option<i64>> {
    sqlx::query_scalar("select number from webhook_cursor where pool_id = $1 for update")
        .bind(pool)
        .fetch_optional(tx)
        .await
}

pub async fn move_cursor(tx: &mut PgConnection, pool: &PoolId, number: i64) -> Result<()> {
    sqlx::query(
        "insert into webhook_cursor as c (pool_id, number)
         values ($1, $2)
         on conflict (pool_id) do update
            set number = greatest(c.number, excluded.number)",
    )
    .bind(pool)
    .bind(number)
    .execute(tx)
    .await
    .map(|_| ())
}

/// Whether this is news: the round was last told in another state, or never.
pub async fn note_round_state(tx: &mut PgConnection, round_id: RoundId, state: RoundState) -> Result<bool> {
    let noted = sqlx::query(
        "insert into webhook_round_states as s (round_id, state)
         values ($1, $2)
         on conflict (round_id) do update
            set state = excluded.state
          where s.state <> excluded.state",
    )
    .bind(round_id)
    .bind(state)
    .execute(tx)
    .await?;
    Ok(noted.rows_affected() == 1)
}

#[derive(Clone, Debug)]
pub struct NewMessage {
    pub message_id: WebhookMessageId,
    pub webhook_id: WebhookId,
    pub event: &'static str,
    pub body: String,
    pub at: DateTime<Utc>,
}

impl NewMessage {
    pub fn new(webhook_id: WebhookId, event: &'static str, body: String, at: DateTime<Utc>) -> Self {
        Self { message_id: WebhookMessageId::new(), webhook_id, event, body, at }
    }
}

pub async fn insert(tx: &mut PgConnection, new: &[NewMessage]) -> Result<()> {
    sqlx::query(
        "insert into webhook_messages (id, webhook_id, event, body, created_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])",
    )
    .bind(new.iter().map(|one| one.message_id).collect::<Vec<_>>())
    .bind(new.iter().map(|one| one.webhook_id).collect::<Vec<_>>())
    .bind(new.iter().map(|one| one.event).collect::<Vec<_>>())
    .bind(new.iter().map(|one| one.body.as_str()).collect::<Vec<_>>())
    .bind(new.iter().map(|one| one.at).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map(|_| ())
}

/// A message in hand.
#[derive(Clone, Debug, FromRow)]
pub struct Due {
    pub message_id: WebhookMessageId,
    pub webhook_id: WebhookId,
    pub url: String,
    pub secret_version: i32,
    pub rotated_at: Option<At>,
    pub body: String,
    /// This one counted.
    pub tries: i32,
}

/// Takes what is due, at most so many of one webhook; what is not settled is due again after `in_hand`.
pub async fn take_due(db: &mut PgConnection, limit: i64, of_one: i64, in_hand: Duration) -> Result<Vec<Due>> {
    sqlx::query_as(
        "with due as (
             select m.id
               from webhooks w
              cross join lateral (
                  select id, next_try_at
                    from webhook_messages
                   where webhook_id = w.id
                     and state = 'waiting'
                     and next_try_at <= now()
                   order by next_try_at, id
                   limit $2
                     for update skip locked) m
              where w.enabled
              order by m.next_try_at
              limit $1
         )
         update webhook_messages m
            set tries       = m.tries + 1,
                next_try_at = now() + make_interval(secs => $3)
           from due, webhooks w
          where m.id = due.id
            and w.id = m.webhook_id
         returning m.id as message_id, m.webhook_id, w.url, w.secret_version, w.rotated_at, m.body, m.tries",
    )
    .bind(limit)
    .bind(of_one)
    .bind(in_hand.as_secs_f64())
    .fetch_all(db)
    .await
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Delivered(u16),
    /// 410: nobody wants to hear it there any more. The webhook is switched off.
    Gone,
    /// `again`: the wait until the next try; `None`: it was the last.
    Failed {
        status: Option<u16>,
        error: Option<String>,
        again: Option<Duration>,
    },
}

impl Outcome {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Gone => "gone",
            Self::Failed { again: Some(_), .. } => "failed",
            Self::Failed { again: None, .. } => "dead",
        }
    }
}

pub async fn settle(db: &mut PgConnection, due: &Due, outcome: &Outcome) -> Result<()> {
    let (state, status, error, wait) = match outcome {
        Outcome::Delivered(status) => ("delivered", Some(*status), None, Duration::ZERO),
        Outcome::Gone => ("dead", Some(410), None, Duration::ZERO),
        Outcome::Failed { status, error, again } => {
            let state = if again.is_some() { "waiting" } else { "dead" };
            (state, *status, error.as_deref(), again.unwrap_or_default())
        }
    };
    // Somebody may have asked for it again meanwhile: then the try of before says nothing.
    sqlx::query(
        "with gone as (
             update webhooks
                set enabled      = false,
                    disabled_why = 'gone'
              where id = $2
                and $6 = 410
         )
         update webhook_messages
            set state        = $4,
                next_try_at  = now() + make_interval(secs => $5),
                last_status  = $6,
                last_error   = $7,
                delivered_at = case when $4 = 'delivered' then now() end
          where id = $1
            and tries = $3
            and state = 'waiting'",
    )
    .bind(due.message_id)
    .bind(due.webhook_id)
    .bind(due.tries)
    .bind(state)
    .bind(wait.as_secs_f64())
    .bind(status.map(i32::from))
    .bind(error)
    .execute(db)
    .await
    .map(|_| ())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum MessageState {
    Waiting,
    Delivered,
    /// Given up; it can be asked for again.
    Dead,
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct Message {
    /// Also its `webhook-id`, the same on every try.
    pub message_id: WebhookMessageId,
    pub event: String,
    /// As it was signed and sent.
    pub body: String,
    pub state: MessageState,
    pub tries: i32,
    pub created_at: At,
    /// While it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<At>,
    /// HTTP status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_status: Option<i32>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<At>,
}

/// Newest first; one more than `limit`.
pub async fn list(
    db: &mut PgConnection,
    webhook_id: WebhookId,
    before: Option<WebhookMessageId>,
    limit: i64,
) -> Result<Vec<Message>> {
    sqlx::query_as(
        "select id as message_id, event, body, state, tries, created_at,
                case when state = 'waiting' then next_try_at end as next_try_at, last_status, last_error, delivered_at
           from webhook_messages
          where webhook_id = $1
            and ($2::uuid is null or id < $2)
          order by id desc
          limit $3 + 1",
    )
    .bind(webhook_id)
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Sends it once more under its id, whatever came of it; `false`: there is no such message of this webhook.
pub async fn replay(tx: &mut PgConnection, webhook_id: WebhookId, message_id: WebhookMessageId) -> Result<bool> {
    let found = sqlx::query(
        "update webhook_messages
            set state        = 'waiting',
                tries        = 0,
                next_try_at  = now(),
                delivered_at = null
          where id = $2
            and webhook_id = $1",
    )
    .bind(webhook_id)
    .bind(message_id)
    .execute(tx)
    .await?;
    Ok(found.rows_affected() == 1)
}

/// Forgets old messages that nobody waits for, so many at a time.
pub async fn forget(db: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<()> {
    sqlx::query(
        "delete from webhook_messages
          where id in (select id
                         from webhook_messages
                        where created_at < $1
                          and state <> 'waiting'
                        limit $2)",
    )
    .bind(before)
    .bind(limit)
    .execute(db)
    .await
    .map(|_| ())
}
