//! The last word on every answer of the API: errors become problems in the caller's language, and what broke is logged.

use super::problem::{Kind, Problem};
use crate::{auth::Denied, domain::lang::Lang};
use actix_web::{
    HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};

/// The language that a request asks for.
pub fn lang_of(req: &HttpRequest) -> Lang {
    let value = req.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::from_accept_language(value)
}

pub async fn speak<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let mut res = next.call(req).await?;
    // What a session may see is nobody else's business, unless the handler said how it may be kept.
    if !res.headers().contains_key(header::CACHE_CONTROL) {
        res.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    let lang = lang_of(res.request());
    match refusal(&res, lang) {
        Some(body) => Ok(res.into_response(body).map_into_right_body()),
        None => Ok(res.map_into_left_body()),
    }
}

fn refusal<B>(res: &ServiceResponse<B>, lang: Lang) -> Option<actix_web::HttpResponse> {
    let error = res.response().error();
    if let Some(problem) = error.and_then(|error| error.as_error::<Problem>()) {
        log(problem, res.request());
        return Some(problem.response(lang));
    }
    let kind = match error.and_then(|error| error.as_error::<Denied>()) {
        Some(Denied::SignIn) => Kind::SignIn,
        Some(Denied::NotAllowed) => Kind::NotAllowed,
        Some(Denied::PasswordChangeNeeded) => Kind::PasswordChangeNeeded,
        Some(denied @ Denied::Misconfigured) => {
            tracing::error!(%denied, "a request was turned away");
            Kind::Internal
        }
        // Not ours: an address that cannot be read, a method that is not there.
        None if is_problem(res) => return None,
        None => Kind::of_status(res.status())?,
    };
    Some(Problem::new(kind).response(lang))
}

fn is_problem<B>(res: &ServiceResponse<B>) -> bool {
    res.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == "application/problem+json")
}

fn log(problem: &Problem, req: &HttpRequest) {
    let Some(cause) = problem.cause() else { return };
    let (method, path) = (req.method().as_str(), req.match_pattern().unwrap_or_default());
    if problem.kind == Kind::Internal {
        tracing::error!(method, path, %problem, %cause, "a request failed");
    } else {
        tracing::warn!(method, path, %problem, %cause, "a request was not served");
    }
}
