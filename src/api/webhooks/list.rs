//! Who is told what.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    storage::webhooks::{self, Webhook},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WebhookQuery {
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Webhooks, newest first
#[utoipa::path(
    tag = "webhooks",
    params(WebhookQuery),
    responses((status = 200, body = Page<Webhook>), (status = 403, body = ProblemBody)),
)]
#[get("/webhooks")]
pub async fn list(
    state: web::Data<ApiState>,
    _session: May<may::KeepWebhooks>,
    Params(query): Params<WebhookQuery>,
) -> Result<web::Json<Page<Webhook>>, Problem> {
    let limit = limit_or_default(query.limit);
    let before = key_in(query.cursor.as_deref())?;
    let mut db = state.connection().await?;
    let items = webhooks::list(&mut db, before, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |webhook| webhook.webhook_id)))
}
