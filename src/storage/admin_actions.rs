//! What was done to users, invites and hot rounds and what was exported, by whom and why. Rows are only ever added; a trigger sees to that.

use super::{At, Result};
use crate::domain::{
    admin_action::{Action, OnKind},
    ids::{AdminActionId, UserId},
};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

/// One act, ready to be written down.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// `None`: the command line, or the house itself.
    pub by: Option<UserId>,
    pub action: Action,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub reason: &'a str,
}

impl<'a> Act<'a> {
    pub fn new(by: Option<UserId>, action: Action, reason: &'a str) -> Self {
        Self { by, action, before: None, after: None, reason }
    }

    pub fn after(self, after: Value) -> Self {
        Self { after: Some(after), ..self }
    }

    pub fn change(self, before: Value, after: Value) -> Self {
        Self { before: Some(before), after: Some(after), ..self }
    }
}

pub async fn write(tx: &mut PgConnection, on_kind: OnKind, on_id: Uuid, act: Act<'_>) -> Result<()> {
    sqlx::query(
        "insert into admin_actions (id, by_user, action, on_kind, on_id, before, after, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(AdminActionId::new())
    .bind(act.by)
    .bind(act.action)
    .bind(on_kind)
    .bind(on_id)
    .bind(act.before)
    .bind(act.after)
    .bind(act.reason)
    .execute(tx)
    .await
    .map(|_| ())
}

#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct AdminAction {
    pub admin_action_id: AdminActionId,
    pub at: At,
    /// Absent: the command line, or the house itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_user: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    pub action: Action,
    pub on_kind: OnKind,
    pub on_id: Uuid,
    /// Of a user or a round: the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    pub reason: String,
}

/// Newest first; one more than `limit`.
pub async fn list(
    db: &mut PgConnection,
    on_id: Option<Uuid>,
    before: Option<AdminActionId>,
    limit: i64,
) -> Result<Vec<AdminAction>> {
    sqlx::query_as(
        "select a.id as admin_action_id, a.at, a.by_user, b.name as by_name, a.action, a.on_kind, a.on_id,
                coalesce(o.name, r.name) as on_name, a.before, a.after, a.reason
           from admin_actions a
           left join users b on b.id = a.by_user
           left join users o on o.id = a.on_id
           left join rounds r on r.id = a.on_id
          where ($1::uuid is null or a.on_id = $1)
            and ($2::uuid is null or a.id < $2)
          order by a.id desc
          limit $3 + 1",
    )
    .bind(on_id)
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}
