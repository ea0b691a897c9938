//! What a webhook was told, and how that went.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::ids::WebhookId,
    storage::webhooks::{
        self,
        messages::{self, Message},
    },
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// A webhook's messages, newest first
#[utoipa::path(
    tag = "webhooks",
    params(("webhook_id" = String, Path), MessageQuery),
    responses(
        (status = 200, body = Page<Message>),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    ),
)]
#[get("/webhooks/{webhook_id}/messages")]
pub async fn told(
    state: web::Data<ApiState>,
    _session: May<may::KeepWebhooks>,
    webhook_id: web::Path<WebhookId>,
    Params(query): Params<MessageQuery>,
) -> Result<web::Json<Page<Message>>, Problem> {
    let limit = limit_or_default(query.limit);
    let before = key_in(query.cursor.as_deref())?;
    let mut db = state.connection().await?;
    if webhooks::by_id(&mut db, *webhook_id).await?.is_none() {
        return Err(Kind::NotFound.into());
    }
    let items = messages::list(&mut db, *webhook_id, before, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |message| message.message_id)))
}
