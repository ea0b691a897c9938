//! What a caller is told when something is refused: one kind, one status, one stable code, a sentence that says what to do.
//!
//! The body is `application/problem+json` (RFC 9457). Causes inside the house are logged and never told.

use super::words::Words;
use crate::domain::lang::Lang;
use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde::Serialize;
use std::fmt;

/// Every way in which a request can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SignIn,
    BadLogin,
    NotAllowed,
    NotFound,
    NoSuchMethod,
    Invalid,
    NotJson,
    TooLarge,
    Changed,
    UnsaidVersion,
    WrongState,
    AlreadyDone,
    NotEnoughStock,
    BadClaim,
    TooFast,
    Overloaded,
    Unavailable,
    Internal,
}

impl Kind {
    /// The one place where kinds become statuses: status, code, title, and what to do about it.
    fn parts(self) -> (StatusCode, &'static str, Words, Words) {
        use StatusCode as S;
        let say = Words::fixed;
        match self {
            Self::SignIn => (
                S::UNAUTHORIZED,
                "sign_in",
                say("请先登录", "Sign in"),
                say("登录已失效，请重新登录。", "You are not signed in, or no longer: please sign in again."),
            ),
            Self::BadLogin => (
                S::UNAUTHORIZED,
                "bad_login",
                say("登录失败", "Sign-in failed"),
                say("账号或密码不对，请核对后再试。", "The login or the password is wrong: please check both."),
            ),
            Self::NotAllowed => (
                S::FORBIDDEN,
                "not_allowed",
                say("没有权限", "Not allowed"),
                say("您的岗位没有这项权限，请找有权限的同事。", "Your role may not do this: ask a colleague whose role may."),
            ),
            Self::NotFound => (
                S::NOT_FOUND,
                "not_found",
                say("找不到", "Not found"),
                say("没有这个对象，或它不属于您。", "There is no such thing, or it is not yours."),
            ),
            Self::NoSuchMethod => (
                S::METHOD_NOT_ALLOWED,
                "no_such_method",
                say("不支持的方法", "Method not allowed"),
                say("这个地址不接受这种方法，请查看 /docs。", "This address does not take that method: see /docs."),
            ),
            Self::Invalid => (
                S::UNPROCESSABLE_ENTITY,
                "invalid",
                say("内容不符合要求", "Not acceptable as it is"),
                say("请改正 errors 中指出的地方后再提交。", "Please mend what errors points at, and send it again."),
            ),
            Self::NotJson => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                say("只接受 JSON", "JSON only"),
                say(
                    "请用未压缩的 application/json（UTF-8）提交。",
                    "Please send application/json in UTF-8, not compressed.",
                ),
            ),
            Self::TooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "too_large",
                say("内容太大", "Too large"),
                say("请分几次提交。", "Please send it in smaller parts."),
            ),
            Self::Changed => (
                S::PRECONDITION_FAILED,
                "changed",
                say("已被他人修改", "Changed meanwhile"),
                say("请重新读取后再改。", "Somebody changed it after you read it: read it again first."),
            ),
            Self::UnsaidVersion => (
                S::PRECONDITION_REQUIRED,
                "if_match_missing",
                say("缺少 If-Match", "If-Match is missing"),
                say("请带上读取时得到的 ETag。", "Please send the ETag that you got when you read it."),
            ),
            Self::WrongState => (
                S::CONFLICT,
                "wrong_state",
                say("当前状态不允许", "Not in this state"),
                say("请刷新后按最新状态操作。", "Please read it again and go on from where it stands."),
            ),
            Self::AlreadyDone => (
                S::CONFLICT,
                "already_done",
                say("已用其他内容完成", "Already done differently"),
                say(
                    "这一步已按不同的内容完成，请刷新查看。",
                    "This step was already done with other figures: read it again to see them.",
                ),
            ),
            Self::NotEnoughStock => (
                S::CONFLICT,
                "not_enough_stock",
                say("库存不足", "Not enough stock"),
                say("可用库存不够，请减少数量或换一个仓库。", "Too little is available: lower the quantity or change the warehouse."),
            ),
            Self::BadClaim => (
                S::UNPROCESSABLE_ENTITY,
                "E20",
                say("抢单内容不对", "Not a claim"),
                say(
                    "请刷新场次后用新的编号重新抢单。",
                    "Read the round again and send a new claim under a new id.",
                ),
            ),
            Self::TooFast => (
                S::TOO_MANY_REQUESTS,
                "E16",
                say("点得太快", "Too fast"),
                say("请稍候再试。", "Please wait a moment and try again."),
            ),
            Self::Overloaded => (
                S::SERVICE_UNAVAILABLE,
                "overloaded",
                say("正在排队", "Overloaded"),
                say("现在人太多，请稍候用同一编号再试。", "Too many at once: try again in a moment, under the same id."),
            ),
            Self::Unavailable => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                say("暂时无法处理", "Unavailable"),
                say("请稍候用同一编号再试。", "Please try again in a moment, under the same id."),
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "internal",
                say("系统出错", "Something broke"),
                say("我们已记录下来，请稍后再试。", "It was recorded. Please try again later."),
            ),
        }
    }

    pub fn status(self) -> StatusCode {
        self.parts().0
    }

    /// What an error of the framework comes closest to.
    pub fn of_status(status: StatusCode) -> Option<Self> {
        Some(match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::NoSuchMethod,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::NotJson,
            status if status.is_client_error() => Self::Invalid,
            status if status.is_server_error() => Self::Internal,
            _ => return None,
        })
    }
}

/// One thing that is wrong, and where: a JSON pointer into the body, or `?name` for a part of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub detail: Words,
}

#[derive(Debug)]
pub struct Problem {
    pub kind: Kind,
    /// Instead of the kind's own sentence.
    detail: Option<Words>,
    errors: Vec<FieldError>,
    retry_after_ms: Option<i64>,
    /// For our log only.
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    pub fn new(kind: Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), retry_after_ms: None, cause: None }
    }

    pub fn detail(mut self, detail: Words) -> Self {
        self.detail = Some(detail);
        self
    }

    pub fn retry_after(mut self, retry_after_ms: i64) -> Self {
        self.retry_after_ms = Some(retry_after_ms);
        self
    }

    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// 422 with one finding.
    pub fn invalid(pointer: impl Into<String>, detail: Words) -> Self {
        Self::at(Kind::Invalid, vec![FieldError { pointer: pointer.into(), detail }])
    }

    pub fn at(kind: Kind, errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(kind) }
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    pub fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.cause.as_deref()
    }

    /// The answer in a language.
    pub fn response(&self, lang: Lang) -> HttpResponse {
        let (status, code, title, detail) = self.kind.parts();
        let body = ProblemBody {
            r#type: format!("urn:graborder:problem:{code}"),
            title: title.in_lang(lang).to_owned(),
            status: status.as_u16(),
            detail: self.detail.as_ref().unwrap_or(&detail).in_lang(lang).to_owned(),
            code: code.to_owned(),
            errors: self
                .errors
                .iter()
                .map(|error| ErrorBody {
                    pointer: error.pointer.clone(),
                    detail: error.detail.in_lang(lang).to_owned(),
                })
                .collect(),
            retry_after_ms: self.retry_after_ms,
        };
        let mut response = HttpResponse::build(status);
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(ms) = self.retry_after_ms {
            response.insert_header((header::RETRY_AFTER, ((ms.max(0) + 999) / 1000).to_string()));
        }
        let language = match lang {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        };
        response.insert_header((header::CONTENT_LANGUAGE, language));
        let text = serde_json::to_string(&body).unwrap_or_default();
        response.content_type("application/problem+json").body(text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.parts().1)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.response(Lang::default())
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self::new(kind)
    }
}

/// A database that cannot be reached, or is too busy, will be there again; anything else is ours to mend.
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        // Cancelled by its time limit, lock not had in time, deadlock, too many connections, shutting down.
        const PASSING: [&str; 6] = ["57014", "55P03", "40P01", "40001", "53300", "57P01"];
        let passes = match &error {
            E::PoolTimedOut | E::PoolClosed | E::Io(_) | E::WorkerCrashed => true,
            E::Database(error) => error.code().is_some_and(|code| PASSING.contains(&code.as_ref())),
            _ => false,
        };
        let problem = if passes { Self::new(Kind::Unavailable).retry_after(1000) } else { Self::new(Kind::Internal) };
        problem.because(error)
    }
}

/// As it stands on the wire.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// `urn:graborder:problem:<code>`.
    r#type: String,
    title: String,
    status: u16,
    /// One sentence that says what to do, in the language of `Accept-Language`.
    detail: String,
    /// Stable: programs compare this and nothing else.
    code: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<i64>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ErrorBody {
    /// JSON pointer into the body, or `?name` for a part of the query.
    pointer: String,
    detail: String,
}
