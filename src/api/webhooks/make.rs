//! A new webhook. Its secret is shown once.

use super::wish::{self, Name, Note, Url, WEBHOOKS_MAX, WithSecret};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Text,
        words::Words,
    },
    auth::{May, may},
    domain::{
        admin_action::{Action, OnKind},
        ids::WebhookId,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        webhooks::{self, Terms},
    },
};
use actix_web::{HttpResponse, post, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Make {
    /// An https address outside.
    #[schema(value_type = String, max_length = 2000)]
    url: Url,
    /// `round.open`, or `round.*` for all of a kind; 1 to 20.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 20)]
    events: Vec<Name>,
    /// What it is for.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    note: Option<Note>,
}

/// Make a webhook
///
/// Every event is posted as `{type, timestamp, data}` with the headers of Standard Webhooks: `webhook-id`,
/// `webhook-timestamp`, `webhook-signature`. Any answer of 2xx is good; else it is tried again for three days. 410 switches
/// the webhook off. Messages may come twice and out of order: `webhook-id` and `timestamp` tell.
#[utoipa::path(
    tag = "webhooks",
    request_body = Make,
    responses(
        (status = 201, body = WithSecret),
        (status = 403, body = ProblemBody),
        (status = 409, description = "`wrong_state`: there are fifty already", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/webhooks")]
pub async fn make(
    state: web::Data<ApiState>,
    session: May<may::KeepWebhooks>,
    Body(said): Body<Make>,
) -> Result<HttpResponse, Problem> {
    let events: Vec<String> = said.events.iter().map(|event| event.as_str().to_owned()).collect();
    let url = said.url.as_str();
    wish::check(&state, url, &events)?;
    let note = said.note.as_ref().map_or("", Text::as_str);
    let webhook_id = WebhookId::new();
    let mut tx = Tx::begin(&state.db).await?;
    if webhooks::count(&mut tx).await? >= WEBHOOKS_MAX {
        tx.rollback().await?;
        let words = Words::fixed("最多 50 个，请先删掉不用的。", "At most 50: remove those that nobody needs.");
        return Err(Problem::new(Kind::WrongState).detail(words));
    }
    webhooks::insert(&mut tx, webhook_id, &Terms { url, events: &events, note, enabled: true }, session.user_id)
        .await?;
    let act = Act::new(Some(session.user_id), Action::WebhookMade, "").after(wish::told(url, &events, true));
    admin_actions::write(&mut tx, OnKind::Webhook, webhook_id.0, act).await?;
    let webhook = webhooks::by_id(&mut tx, webhook_id).await?.ok_or(Kind::Internal)?;
    tx.commit().await?;
    let secret = state.webhooks.secrets.shown(webhook_id, webhook.secret_version);
    Ok(HttpResponse::Created().json(WithSecret { secret, webhook }))
}
