//! Webhooks: who wants to hear what, and where.

pub mod messages;

use super::{At, Result};
use crate::domain::ids::{StoreId, UserId, WebhookId};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq, Eq, FromRow, Serialize, utoipa::ToSchema)]
pub struct Webhook {
    pub webhook_id: WebhookId,
    pub url: String,
    /// Names of events, or `round.*` for all of a kind.
    pub events: Vec<String>,
    pub note: String,
    pub enabled: bool,
    /// `gone`: the address answered 410. `overflow`: too much waits for it. Absent: by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_why: Option<String>,
    /// For a day after it, the secret from before signs too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotated_at: Option<At>,
    #[serde(skip)]
    pub secret_version: i32,
    pub created_by_name: String,
    pub created_at: At,
    /// Messages that are still to be told.
    pub waiting: i64,
    /// Messages that were given up.
    pub dead: i64,
}

macro_rules! select_webhooks {
    ($rest:literal) => {
        concat!(
            "select w.id as webhook_id, w.url, w.events, w.note, w.enabled, w.disabled_why, w.rotated_at, w.secret_version,
                    u.name as created_by_name, w.created_at,
                    (select count(*) from webhook_messages m where m.webhook_id = w.id and m.state = 'waiting') as waiting,
                    (select count(*) from webhook_messages m where m.webhook_id = w.id and m.state = 'dead') as dead
               from webhooks w
               join users u on u.id = w.created_by
              where ",
            $rest
        )
    };
}

/// Newest first; one more than `limit`.
pub async fn list(db: &mut PgConnection, before: Option<WebhookId>, limit: i64) -> Result<Vec<Webhook>> {
    sqlx::query_as(select_webhooks!("($1::uuid is null or w.id < $1) order by w.id desc limit $2 + 1"))
        .bind(before)
        .bind(limit)
        .fetch_all(db)
        .await
}

pub async fn by_id(db: &mut PgConnection, webhook_id: WebhookId) -> Result<Option<Webhook>> {
    sqlx::query_as(select_webhooks!("w.id = $1")).bind(webhook_id).fetch_optional(db).await
}

/// Held until the commit, so that two edits follow each other.
pub async fn hold(tx: &mut PgConnection, webhook_id: WebhookId) -> Result<bool> {
    let held = sqlx::query("select from webhooks where id = $1 for update").bind(webhook_id).execute(tx).await?;
    Ok(held.rows_affected() == 1)
}

pub async fn count(db: &mut PgConnection) -> Result<i64> {
    sqlx::query_scalar("select count(*) from webhooks").fetch_one(db).await
}

/// What may be said of a webhook by hand.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    pub url: &'a str,
    pub events: &'a [String],
    pub note: &'a str,
    pub enabled: bool,
}

pub async fn insert(tx: &mut PgConnection, webhook_id: WebhookId, terms: &Terms<'_>, by: UserId) -> Result<()> {
    sqlx::query("insert into webhooks (id, url, events, note, enabled, created_by) values ($1, $2, $3, $4, $5, $6)")
        .bind(webhook_id)
        .bind(terms.url)
        .bind(terms.events)
        .bind(terms.note)
        .bind(terms.enabled)
        .bind(by)
        .execute(tx)
        .await
        .map(|_| ())
}

pub async fn set_terms(tx: &mut PgConnection, webhook_id: WebhookId, terms: &Terms<'_>) -> Result<()> {
    sqlx::query(
        "update webhooks
            set url          = $2,
                events       = $3,
                note         = $4,
                enabled      = $5,
                disabled_why = null
          where id = $1",
    )
    .bind(webhook_id)
    .bind(terms.url)
    .bind(terms.events)
    .bind(terms.note)
    .bind(terms.enabled)
    .execute(tx)
    .await
    .map(|_| ())
}

/// With everything that was told. `false`: there is none.
pub async fn delete(tx: &mut PgConnection, webhook_id: WebhookId) -> Result<bool> {
    let gone = sqlx::query("delete from webhooks where id = $1").bind(webhook_id).execute(tx).await?;
    Ok(gone.rows_affected() == 1)
}

/// The next version of its secret; `None`: there is no such webhook.
pub async fn rotate(tx: &mut PgConnection, webhook_id: WebhookId) -> Result<Option<i32>> {
    sqlx::query_scalar(
        "update webhooks
            set secret_version = secret_version + 1,
                rotated_at     = now()
          where id = $1
         returning secret_version",
    )
    .bind(webhook_id)
    .fetch_optional(tx)
    .await
}

/// An enabled webhook and what it asks for.
#[derive(Clone, Debug, FromRow)]
pub struct Wish {
    pub webhook_id: WebhookId,
    pub events: Vec<String>,
}

pub async fn wishes(db: &mut PgConnection) -> Result<Vec<Wish>> {
    sqlx::query_as("select id as webhook_id, events from webhooks where enabled order by id").fetch_all(db).await
}

pub async fn switch_off_overflowing(tx: &mut PgConnection, waiting_max: i64) -> Result<()> {
    sqlx::query(
        "update webhooks w
            set enabled      = false,
                disabled_why = 'overflow'
          where enabled
            and (select count(*)
                   from (select from webhook_messages m
                          where m.webhook_id = w.id
                            and m.state = 'waiting'
                          limit $1) waiting) >= $1",
    )
    .bind(waiting_max)
    .execute(tx)
    .await
    .map(|_| ())
}

pub async fn store_codes(db: &mut PgConnection, stores: &[StoreId]) -> Result<HashMap<StoreId, String>> {
    let rows: Vec<(StoreId, String)> =
        sqlx::query_as("select id, code from stores where id = any($1)").bind(stores).fetch_all(db).await?;
    Ok(rows.into_iter().collect())
}
