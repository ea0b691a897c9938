//! A message that says nothing, to see whether anybody is there.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{clock, ids::WebhookId, webhook::PING},
    storage::{
        Tx,
        webhooks::{
            self,
            messages::{self, NewMessage},
        },
    },
};
use actix_web::{HttpResponse, post, web};
use chrono::SecondsFormat;
use serde_json::json;

/// Try a webhook
///
/// Its messages show what came of it.
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path)),
    responses((status = 202), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)),
)]
#[post("/webhooks/{webhook_id}/ping")]
pub async fn ping(
    state: web::Data<ApiState>,
    _session: May<may::KeepWebhooks>,
    webhook_id: web::Path<WebhookId>,
) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    if !webhooks::hold(&mut tx, *webhook_id).await? {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    }
    let now = clock::now();
    let body = json!({"type": PING, "timestamp": now.to_rfc3339_opts(SecondsFormat::Millis, true), "data": {}});
    messages::insert(&mut tx, &[NewMessage::new(*webhook_id, PING, body.to_string(), now)]).await?;
    tx.commit().await?;
    Ok(HttpResponse::Accepted().finish())
}
