//! One tap in the mini-program: the messages that WeChat was allowed to send.

use super::list::{self, Consents};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        words::Words,
    },
    auth::Session,
    domain::message::Template,
    storage::{Tx, consents, user_edit},
};
use actix_web::{post, web};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Those that were allowed, each once.
    #[schema(min_items = 1, max_items = 2)]
    accepted: Vec<Template>,
    /// Made by the client for one tap; sent again with the same one, it counts once.
    attempt_id: Uuid,
}

/// Count my consents to messages
#[utoipa::path(
    tag = "auth",
    request_body = Accepted,
    responses(
        (status = 200, body = Consents, description = "At most 20 of each are kept"),
        (status = 401, body = ProblemBody),
        (status = 404, description = "`not_configured`: one of them is not sent here", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/me/consents")]
pub async fn add(
    state: web::Data<ApiState>,
    session: Session,
    Body(said): Body<Accepted>,
) -> Result<web::Json<Consents>, Problem> {
    let mut accepted = said.accepted;
    if !(1..=Template::ALL.len()).contains(&accepted.len()) {
        let words = Words::fixed("至少一项，最多两项。", "At least one, at most two.");
        return Err(Problem::invalid("/accepted", words));
    }
    accepted.sort_unstable();
    accepted.dedup();
    let wechat = state.channels.wechat.as_ref().ok_or(Kind::NotConfigured)?;
    if accepted.iter().any(|template| wechat.template_id(*template).is_none()) {
        return Err(Kind::NotConfigured.into());
    }
    let mut tx = Tx::begin(&state.db).await?;
    user_edit::hold(&mut tx, session.user_id).await?;
    consents::add(&mut tx, session.user_id, said.attempt_id, &accepted).await?;
    let now = list::of(&state, &mut tx, session.user_id).await?;
    tx.commit().await?;
    Ok(web::Json(now))
}
