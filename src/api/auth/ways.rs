//! Which ways lead in here, so that a page shows only doors that open.

use crate::api::{problem::Problem, state::ApiState};
use actix_web::{get, web};
use serde::Serialize;

#[derive(Serialize, utoipa::ToSchema)]
pub struct Ways {
    /// Always.
    password: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    wechat: Option<WechatWay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wecom: Option<WecomWay>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct WechatWay {
    /// Of the chain's mini-program.
    app_id: String,
}

/// What the address of WeCom's sign-in page is made of.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WecomWay {
    corp_id: String,
    agent_id: String,
}

/// Ways to sign in
#[utoipa::path(tag = "auth", responses((status = 200, body = Ways)))]
#[get("/auth/ways")]
pub async fn ways(state: web::Data<ApiState>) -> Result<web::Json<Ways>, Problem> {
    let (wechat, wecom) = (state.channels.wechat.as_ref(), state.channels.wecom.as_ref());
    Ok(web::Json(Ways {
        password: true,
        wechat: wechat.map(|wechat| WechatWay { app_id: wechat.app_id().to_owned() }),
        wecom: wecom
            .map(|wecom| WecomWay { corp_id: wecom.corp_id().to_owned(), agent_id: wecom.agent_id().to_owned() }),
    }))
}
