//! All users, or those of the own store.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::{May, may},
    domain::account::UserStatus,
    storage::user_list::{self, UserFilter, UserItem},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserQuery {
    /// In login or name.
    #[param(value_type = Option<String>)]
    query: Option<Text<60>>,
    status: Option<UserStatus>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Users, by login
#[utoipa::path(
    tag = "users",
    params(UserQuery),
    responses((status = 200, body = Page<UserItem>), (status = 403, body = ProblemBody)),
)]
#[get("/users")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::SeeUsers>,
    Params(query): Params<UserQuery>,
) -> Result<web::Json<Page<UserItem>>, Problem> {
    let limit = limit_or_default(query.limit);
    let after: Option<String> = key_in(query.cursor.as_deref())?;
    let filter = UserFilter {
        store_id: session.scope().store_id(),
        status: query.status,
        text: query.query.as_ref().map(Text::as_str),
        after: after.as_deref(),
    };
    let mut db = state.connection().await?;
    let items = user_list::list(&mut db, filter, limit).await?;
    Ok(web::Json(Page::cut(items, limit, |user| user.login.clone())))
}
