//! What may be asked for here, and how many messages are still allowed.

use crate::{
    api::{
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::Session,
    domain::{ids::UserId, message::Template},
    storage::consents,
};
use actix_web::{get, web};
use serde::Serialize;
use sqlx::PgConnection;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Consents {
    /// Of the messages that are switched on here.
    items: Vec<Consent>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Consent {
    template: Template,
    /// For `wx.requestSubscribeMessage`.
    template_id: String,
    /// Messages that may still be sent.
    #[schema(minimum = 0, maximum = 20)]
    remaining: i32,
}

/// My consents to messages
#[utoipa::path(tag = "auth", responses((status = 200, body = Consents), (status = 401, body = ProblemBody)))]
#[get("/me/consents")]
pub async fn list(state: web::Data<ApiState>, session: Session) -> Result<web::Json<Consents>, Problem> {
    let mut db = state.connection().await?;
    of(&state, &mut db, session.user_id).await.map(web::Json)
}

pub(super) async fn of(state: &ApiState, db: &mut PgConnection, user_id: UserId) -> Result<Consents, Problem> {
    let kept = consents::of_user(db, user_id).await?;
    let remaining = |template| kept.iter().find(|(one, _)| *one == template).map_or(0, |(_, remaining)| *remaining);
    let wechat = state.channels.wechat.as_ref();
    let items = Template::ALL.into_iter().filter_map(|template| {
        let template_id = wechat?.template_id(template)?.to_owned();
        Some(Consent { template, template_id, remaining: remaining(template) })
    });
    Ok(Consents { items: items.collect() })
}
