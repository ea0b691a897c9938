//! Signing in by WeCom, and binding it to one's account. Codes come from the page that WeCom sends people back to.

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

/// Sign in by WeCom
#[utoipa::path(
    tag = "auth",
    request_body = Knock,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "`wecom_unbound`; `wecom_code_invalid`; `bad_login`: disabled", body = ProblemBody),
        (status = 403, description = "`pending`", body = ProblemBody),
        (status = 404, description = "`not_configured`", body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 503, description = "`channel_away`", body = ProblemBody),
    ),
)]
#[post("/auth/wecom")]
pub async fn wecom_sign_in(
    state: web::Data<ApiState>,
    req: HttpRequest,
    Body(said): Body<Knock>,
) -> Result<web::Json<SignedIn>, Problem> {
    channel::knock(&state, &req, Provider::Wecom, said).await.map(web::Json)
}

/// Bind my account to WeCom
#[utoipa::path(
    tag = "auth",
    request_body = Proof,
    responses(
        (status = 204),
        (status = 401, description = "`wecom_code_invalid`; `sign_in`: the refresh token is not this device's current one", body = ProblemBody),
        (status = 404, description = "`not_configured`", body = ProblemBody),
        (status = 409, description = "`wecom_taken`", body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 503, description = "`channel_away`", body = ProblemBody),
    ),
)]
#[put("/auth/wecom")]
pub async fn wecom_bind(
    state: web::Data<ApiState>,
    holder: Holder,
    Body(said): Body<Proof>,
) -> Result<HttpResponse, Problem> {
    channel::bind(&state, &holder, Provider::Wecom, &said).await
}

/// Unbind my account from WeCom
#[utoipa::path(
    tag = "auth",
    responses((status = 204), (status = 202, description = "Claims feel it as soon as Redis answers"), (status = 401, body = ProblemBody), (status = 404, description = "nothing was bound", body = ProblemBody)),
)]
#[delete("/auth/wecom")]
pub async fn wecom_unbind(state: web::Data<ApiState>, holder: Holder) -> Result<HttpResponse, Problem> {
    channel::unbind(&state, &holder, Provider::Wecom).await
}
