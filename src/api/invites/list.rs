//! Who was invited, and what became of it.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    storage::invites::{self, Invite},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InviteQuery {
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Invites, newest first
#[utoipa::path(
    tag = "users",
    params(InviteQuery),
    responses((status = 200, body = Page<Invite>), (status = 403, body = ProblemBody)),
)]
#[get("/invites")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::Invite>,
    Params(query): Params<InviteQuery>,
) -> Result<web::Json<Page<Invite>>, Problem> {
    let limit = limit_or_default(query.limit);
    let before = key_in(query.cursor.as_deref())?;
    let mut db = state.connection().await?;
    let items = invites::list(&mut db, session.scope().store_id(), before, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |invite| invite.invite_id)))
}
