//! Removing a webhook with everything that it was told.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{
        admin_action::{Action, OnKind},
        ids::WebhookId,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        webhooks,
    },
};
use actix_web::{HttpResponse, delete, web};

/// Remove a webhook
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path)),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)),
)]
#[delete("/webhooks/{webhook_id}")]
pub async fn remove(
    state: web::Data<ApiState>,
    session: May<may::KeepWebhooks>,
    webhook_id: web::Path<WebhookId>,
) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    if !webhooks::delete(&mut tx, *webhook_id).await? {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    }
    let act = Act::new(Some(session.user_id), Action::WebhookRemoved, "");
    admin_actions::write(&mut tx, OnKind::Webhook, webhook_id.0, act).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
