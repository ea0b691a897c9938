//! How many messages somebody allowed WeChat to send, by what they are about.

use super::Result;
use crate::domain::{ids::UserId, message::Template};
use sqlx::PgConnection;
use uuid::Uuid;

/// More consents than these are not kept: nobody is out of the house for so many rounds.
pub const REMAINING_MAX: i32 = 20;
/// Taps of a user that are remembered. A tap that is sent again comes within moments.
const TAPS_KEPT: i64 = 100;

/// Counts one tap: one consent for each template, once however often it is sent. Taps of a user come one after the other,
/// by the lock on the user's row, which the caller holds.
pub async fn add(tx: &mut PgConnection, user_id: UserId, attempt_id: Uuid, templates: &[Template]) -> Result<()> {
    let tap = sqlx::query("insert into consent_taps (user_id, attempt_id) values ($1, $2) on conflict do nothing")
        .bind(user_id)
        .bind(attempt_id)
        .execute(&mut *tx)
        .await?;
    if tap.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(
        "delete from consent_taps
          where user_id = $1
            and attempt_id in (select attempt_id from consent_taps where user_id = $1 order by at desc offset $2)",
    )
    .bind(user_id)
    .bind(TAPS_KEPT)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into consents as c (user_id, template, remaining)
         select $1, template, 1
           from unnest($2::text[]) as t (template)
             on conflict (user_id, template) do update
                   set remaining = least(c.remaining + 1, $3),
                       since     = case when c.remaining = 0 then now() else c.since end",
    )
    .bind(user_id)
    .bind(templates.iter().map(|template| template.name()).collect::<Vec<_>>())
    .bind(REMAINING_MAX)
    .execute(tx)
    .await
    .map(|_| ())
}

pub async fn of_user(db: &mut PgConnection, user_id: UserId) -> Result<Vec<(Template, i32)>> {
    sqlx::query_as("select template, remaining from consents where user_id = $1").bind(user_id).fetch_all(db).await
}

/// WeChat says that the user allows no more of these.
pub async fn forfeit(db: &mut PgConnection, user_id: UserId, template: Template) -> Result<()> {
    sqlx::query("update consents set remaining = 0 where user_id = $1 and template = $2")
        .bind(user_id)
        .bind(template)
        .execute(db)
        .await
        .map(|_| ())
}
