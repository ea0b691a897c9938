//! What a caller is told when something is refused: one kind, one status, one stable code, a sentence that says what to do.
//!
//! The body is `application/problem+json` (RFC 9457). Causes inside the house are logged and never told.

use super::words::Words;
use crate::{
    auth::password::PasswordError,
    domain::{lang::Lang, provider::Provider, texts},
};
use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde::Serialize;
use std::fmt;

/// Every way in which a request can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    SignIn,
    BadLogin,
    TokenReused,
    Locked,
    Pending,
    PasswordChangeNeeded,
    BadSetupToken,
    BadInvite,
    LoginTaken,
    /// Nobody here is bound to whom the other house names.
    Unbound(Provider),
    /// One of the two is bound to somebody else.
    Taken(Provider),
    /// A code of the other house that is wrong, too old or used.
    CodeInvalid(Provider),
    /// WeChat keeps its user away.
    Blocked,
    NotConfigured,
    /// The other house does not answer.
    ChannelAway,
    NotAllowed,
    NotFound,
    NoSuchMethod,
    Invalid,
    NotJson,
    NotATable,
    TooLarge,
    UriTooLong,
    CutShort,
    Changed,
    UnsaidVersion,
    WrongState,
    AlreadyDone,
    NotEnoughStock,
    SecondPersonNeeded,
    TooManyRows,
    BadRows,
    ChangedSince,
    AlreadyApplied,
    TooManyImports,
    BadClaim,
    TooFast,
    TooManyRequests,
    TooManySockets,
    NoSocket,
    OldSocket,
    Overloaded,
    Unavailable,
    Internal,
}

impl Kind {
    /// The one place where kinds become statuses and codes; `domain::texts` has the words of every code.
    fn parts(self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::SignIn => (S::UNAUTHORIZED, "sign_in"),
            Self::BadLogin => (S::UNAUTHORIZED, "bad_login"),
            Self::TokenReused => (S::UNAUTHORIZED, "token_reused"),
            Self::Locked => (S::LOCKED, "locked"),
            Self::Pending => (S::FORBIDDEN, "pending"),
            Self::PasswordChangeNeeded => (S::FORBIDDEN, "password_change_needed"),
            Self::BadSetupToken => (S::FORBIDDEN, "bad_setup_token"),
            Self::BadInvite => (S::UNPROCESSABLE_ENTITY, "bad_invite"),
            Self::LoginTaken => (S::CONFLICT, "login_taken"),
            Self::Unbound(Provider::Wechat) => (S::UNAUTHORIZED, "wechat_unbound"),
            Self::Unbound(Provider::Wecom) => (S::UNAUTHORIZED, "wecom_unbound"),
            Self::Taken(Provider::Wechat) => (S::CONFLICT, "wechat_taken"),
            Self::Taken(Provider::Wecom) => (S::CONFLICT, "wecom_taken"),
            Self::CodeInvalid(Provider::Wechat) => (S::UNAUTHORIZED, "wechat_code_invalid"),
            Self::CodeInvalid(Provider::Wecom) => (S::UNAUTHORIZED, "wecom_code_invalid"),
            Self::Blocked => (S::FORBIDDEN, "wechat_user_blocked"),
            Self::NotConfigured => (S::NOT_FOUND, "not_configured"),
            Self::ChannelAway => (S::SERVICE_UNAVAILABLE, "channel_away"),
            Self::NotAllowed => (S::FORBIDDEN, "not_allowed"),
            Self::NotFound => (S::NOT_FOUND, "not_found"),
            Self::NoSuchMethod => (S::METHOD_NOT_ALLOWED, "no_such_method"),
            Self::Invalid => (S::UNPROCESSABLE_ENTITY, "invalid"),
            Self::NotJson => (S::UNSUPPORTED_MEDIA_TYPE, "not_json"),
            Self::NotATable => (S::UNSUPPORTED_MEDIA_TYPE, "not_a_table"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too_large"),
            Self::UriTooLong => (S::URI_TOO_LONG, "uri_too_long"),
            Self::CutShort => (S::REQUEST_TIMEOUT, "cut_short"),
            Self::Changed => (S::PRECONDITION_FAILED, "changed"),
            Self::UnsaidVersion => (S::PRECONDITION_REQUIRED, "if_match_missing"),
            Self::WrongState => (S::CONFLICT, "wrong_state"),
            Self::AlreadyDone => (S::CONFLICT, "already_done"),
            Self::NotEnoughStock => (S::CONFLICT, "not_enough_stock"),
            Self::SecondPersonNeeded => (S::CONFLICT, "second_person_needed"),
            Self::TooManyRows => (S::UNPROCESSABLE_ENTITY, "too_many_rows"),
            Self::BadRows => (S::CONFLICT, "bad_rows"),
            Self::ChangedSince => (S::CONFLICT, "changed_since"),
            Self::AlreadyApplied => (S::CONFLICT, "already_applied"),
            Self::TooManyImports => (S::TOO_MANY_REQUESTS, "too_many_imports"),
            Self::BadClaim => (S::UNPROCESSABLE_ENTITY, "E20"),
            Self::TooFast => (S::TOO_MANY_REQUESTS, "E16"),
            Self::TooManyRequests => (S::TOO_MANY_REQUESTS, "too_fast"),
            Self::NoSocket => (S::BAD_REQUEST, "no_socket"),
            Self::OldSocket => (S::UPGRADE_REQUIRED, "no_socket"),
            Self::TooManySockets => (S::TOO_MANY_REQUESTS, "too_many_sockets"),
            Self::Overloaded => (S::SERVICE_UNAVAILABLE, "overloaded"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    pub fn code(self) -> &'static str {
        self.parts().1
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
    /// The connection ends with this answer.
    ends: bool,
    /// For our log only.
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    pub fn new(kind: Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), retry_after_ms: None, ends: false, cause: None }
    }

    pub fn detail(mut self, detail: Words) -> Self {
        self.detail = Some(detail);
        self
    }

    pub fn retry_after(mut self, retry_after_ms: i64) -> Self {
        self.retry_after_ms = Some(retry_after_ms);
        self
    }

    pub fn ending(mut self) -> Self {
        self.ends = true;
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
        let (status, code) = self.kind.parts();
        let detail = self.detail.as_ref().map_or_else(|| texts::problem(code, lang), |words| words.in_lang(lang));
        let body = ProblemBody {
            r#type: format!("urn:graborder:problem:{code}"),
            title: texts::title(code, lang).to_owned(),
            status: status.as_u16(),
            detail: detail.to_owned(),
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
        if self.ends {
            response.force_close();
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
        f.write_str(self.kind.code())
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

/// A full queue for passwords empties within a second; anything else is ours to mend.
impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy | PasswordError::CutOff => Self::new(Kind::Overloaded).retry_after(1000).because(error),
            _ => Self::new(Kind::Internal).because(error),
        }
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
