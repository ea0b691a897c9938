//! Rounds that are coming or running, and those that are over.

use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Problem, ProblemBody},
        state::ApiState,
        values::sensible,
    },
    auth::{May, may},
    storage::round_head::{self, RoundItem, RoundKey},
};
use actix_web::{get, web};
use serde::Deserialize;

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Scope {
    /// Drafts, rounds that wait for a second person, and those that are coming or running, soonest first.
    #[default]
    Live,
    /// Over, newest opening first.
    Past,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RoundQuery {
    #[serde(default)]
    #[param(inline)]
    scope: Scope,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

/// Rounds
///
/// Store people see the published rounds that their store is invited to.
#[utoipa::path(
    tag = "rounds",
    params(RoundQuery),
    responses((status = 200, body = Page<RoundItem>), (status = 403, body = ProblemBody)),
)]
#[get("/rounds")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::SeeRounds>,
    Params(query): Params<RoundQuery>,
) -> Result<web::Json<Page<RoundItem>>, Problem> {
    let limit = limit_or_default(query.limit);
    let from: Option<RoundKey> = key_in(query.cursor.as_deref())?;
    if let Some((at, _)) = from {
        sensible("?cursor", at)?;
    }
    let store_id = session.scope().store_id();
    let mut db = state.connection().await?;
    let items = match query.scope {
        Scope::Live => round_head::live(&mut db, store_id, from, limit).await?,
        Scope::Past => round_head::past(&mut db, store_id, from, limit).await?,
    };
    Ok(web::Json(Page::cut(items, limit, |item| (item.head.opens_at.0, item.head.round_id))))
}
