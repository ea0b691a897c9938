//! Telling something once more, under the id of before.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{
        admin_action::{Action, OnKind},
        ids::{WebhookId, WebhookMessageId},
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        webhooks::messages,
    },
};
use actix_web::{HttpResponse, post, web};
use serde_json::json;

/// Send a message again
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path), ("message_id" = String, Path)),
    responses((status = 202), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)),
)]
#[post("/webhooks/{webhook_id}/messages/{message_id}/replay")]
pub async fn replay(
    state: web::Data<ApiState>,
    session: May<may::KeepWebhooks>,
    path: web::Path<(WebhookId, WebhookMessageId)>,
) -> Result<HttpResponse, Problem> {
    let (webhook_id, message_id) = path.into_inner();
    let mut tx = Tx::begin(&state.db).await?;
    if !messages::replay(&mut tx, webhook_id, message_id).await? {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    }
    let act = Act::new(Some(session.user_id), Action::WebhookReplayed, "").after(json!({"message_id": message_id}));
    admin_actions::write(&mut tx, OnKind::Webhook, webhook_id.0, act).await?;
    tx.commit().await?;
    Ok(HttpResponse::Accepted().finish())
}
