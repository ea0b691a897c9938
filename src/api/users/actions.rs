//! What was done to users and invites, by whom and why.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    storage::admin_actions::{self, AdminAction},
};
use actix_web::{get, web};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActionQuery {
    /// Only acts on this user or invite.
    #[param(value_type = Option<String>)]
    on_id: Option<Uuid>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Acts of administration, newest first
#[utoipa::path(
    tag = "users",
    params(ActionQuery),
    responses((status = 200, body = Page<AdminAction>), (status = 403, body = ProblemBody)),
)]
#[get("/admin-actions")]
pub async fn actions(
    state: web::Data<ApiState>,
    _session: May<may::SeeAdminActions>,
    Params(query): Params<ActionQuery>,
) -> Result<web::Json<Page<AdminAction>>, Problem> {
    let limit = limit_or_default(query.limit);
    let before = key_in(query.cursor.as_deref())?;
    let mut db = state.connection().await?;
    let items = admin_actions::list(&mut db, query.on_id, before, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |act| act.admin_action_id)))
}
