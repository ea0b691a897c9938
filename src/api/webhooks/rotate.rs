//! A new secret. For a day the one before signs too, so that the receiver can change over in peace.

use super::wish::WithSecret;
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
use actix_web::{post, web};

/// Rotate a webhook's secret
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path)),
    responses(
        (status = 200, body = WithSecret),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    ),
)]
#[post("/webhooks/{webhook_id}/rotate-secret")]
pub async fn rotate(
    state: web::Data<ApiState>,
    session: May<may::KeepWebhooks>,
    webhook_id: web::Path<WebhookId>,
) -> Result<web::Json<WithSecret>, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let Some(version) = webhooks::rotate(&mut tx, *webhook_id).await? else {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    };
    let act = Act::new(Some(session.user_id), Action::WebhookSecretRotated, "");
    admin_actions::write(&mut tx, OnKind::Webhook, webhook_id.0, act).await?;
    let webhook = webhooks::by_id(&mut tx, *webhook_id).await?.ok_or(Kind::Internal)?;
    tx.commit().await?;
    Ok(web::Json(WithSecret { secret: state.webhooks.secrets.shown(*webhook_id, version), webhook }))
}
