//! Changing a webhook, or switching it on and off.

use super::wish::{self, Name, Note, Url};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::{May, may},
    domain::{
        admin_action::{Action, OnKind},
        ids::WebhookId,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        webhooks::{self, Terms, Webhook},
    },
};
use actix_web::{patch, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    url: Option<Url>,
    /// All of them.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 20)]
    events: Option<Vec<Name>>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    note: Option<Note>,
    /// What happens while it is off is not told later; what waited goes on waiting.
    #[serde(default)]
    enabled: Option<bool>,
}

/// Change a webhook
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path)),
    request_body = Edit,
    responses(
        (status = 200, body = Webhook),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[patch("/webhooks/{webhook_id}")]
pub async fn edit(
    state: web::Data<ApiState>,
    session: May<may::KeepWebhooks>,
    webhook_id: web::Path<WebhookId>,
    Body(said): Body<Edit>,
) -> Result<web::Json<Webhook>, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let held = webhooks::hold(&mut tx, *webhook_id).await?;
    let before = if held { webhooks::by_id(&mut tx, *webhook_id).await? } else { None };
    let Some(before) = before else {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    };
    let url = said.url.as_ref().map_or(before.url.as_str(), Text::as_str);
    let events = said.events.as_ref().map(|all| all.iter().map(|one| one.as_str().to_owned()).collect());
    let events: Vec<String> = events.unwrap_or_else(|| before.events.clone());
    let note = said.note.as_ref().map_or(before.note.as_str(), Text::as_str);
    let enabled = said.enabled.unwrap_or(before.enabled);
    if let Err(problem) = wish::check(&state, url, &events) {
        tx.rollback().await?;
        return Err(problem);
    }
    webhooks::set_terms(&mut tx, *webhook_id, &Terms { url, events: &events, note, enabled }).await?;
    let act = Act::new(Some(session.user_id), Action::WebhookChanged, "")
        .change(wish::told(&before.url, &before.events, before.enabled), wish::told(url, &events, enabled));
    admin_actions::write(&mut tx, OnKind::Webhook, webhook_id.0, act).await?;
    let after = webhooks::by_id(&mut tx, *webhook_id).await?.ok_or(Kind::Internal)?;
    tx.commit().await?;
    Ok(web::Json(after))
}
