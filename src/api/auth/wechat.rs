//! Signing in by WeChat, and binding it to one's account. Codes come from the chain's mini-program.

use super::{
    channel::{self, Knock, Proof},
    signed_in::SignedIn,
};
use crate::{
    api::{
        body::Body,
        problem::{Problem, ProblemBody},
        state::ApiState,
    },
    auth::Holder,
    domain::provider::Provider,
};
use actix_web::{HttpRequest, HttpResponse, delete, post, put, web};

/// Sign in by WeChat
#[utoipa::path(
    tag = "auth",
    request_body = Knock,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "`wechat_unbound`; `wechat_code_invalid`; `bad_login`: disabled", body = ProblemBody),
        (status = 403, description = "`pending`; `wechat_user_blocked`", body = ProblemBody),
        (status = 404, description = "`not_configured`", body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 503, description = "`channel_away`", body = ProblemBody),
    ),
)]
#[post("/auth/wechat")]
pub async fn wechat_sign_in(
    state: web::Data<ApiState>,
    req: HttpRequest,
    Body(said): Body<Knock>,
) -> Result<web::Json<SignedIn>, Problem> {
    channel::knock(&state, &req, Provider::Wechat, said).await.map(web::Json)
}

/// Bind my account to WeChat
#[utoipa::path(
    tag = "auth",
    request_body = Proof,
    responses(
        (status = 204),
        (status = 401, description = "`wechat_code_invalid`; `sign_in`: the refresh token is not this device's current one", body = ProblemBody),
        (status = 403, description = "`wechat_user_blocked`", body = ProblemBody),
        (status = 404, description = "`not_configured`", body = ProblemBody),
        (status = 409, description = "`wechat_taken`", body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 503, description = "`channel_away`", body = ProblemBody),
    ),
)]
#[put("/auth/wechat")]
pub async fn wechat_bind(
    state: web::Data<ApiState>,
    holder: Holder,
    Body(said): Body<Proof>,
) -> Result<HttpResponse, Problem> {
    channel::bind(&state, &holder, Provider::Wechat, &said).await
}

/// Unbind my account from WeChat
#[utoipa::path(
    tag = "auth",
    responses((status = 204), (status = 202, description = "Claims feel it as soon as Redis answers"), (status = 401, body = ProblemBody), (status = 404, description = "nothing was bound", body = ProblemBody)),
)]
#[delete("/auth/wechat")]
pub async fn wechat_unbind(state: web::Data<ApiState>, holder: Holder) -> Result<HttpResponse, Problem> {
    channel::unbind(&state, &holder, Provider::Wechat).await
}
