//! Handing a file over. The file itself is the body, not a form around it: it can be counted and hashed as it comes, one
//! line of `curl --data-binary` sends it, and there is no second part that could contradict the address.

use super::answer::{ImportJob, kinds};
use crate::{
    api::{
        page::Params,
        problem::{Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
        values::Text,
        words::Words,
    },
    auth::{May, may},
    domain::import::{Encoding, ImportKind},
    import::{FILE_BYTES_MAX, Given, Handed, hand_in},
    storage::imports::jobs,
};
use actix_web::{HttpRequest, HttpResponse, http::header, post, web};
use futures_util::StreamExt;
use serde::Deserialize;
use std::time::Duration;
use tokio::{sync::Semaphore, time::timeout};

/// 32 MiB each, in memory while they come.
const AT_ONCE: usize = 3;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
/// How long a file waits for its place, unread.
const PLACE_TIME: Duration = Duration::from_secs(5);
/// For the whole file; and for the next piece of it.
const FILE_TIME: Duration = Duration::from_secs(300);
const PIECE_TIME: Duration = Duration::from_secs(10);

/// What browsers and programs call tables; the bytes say what it is.
const TYPES: [&str; 8] = [
    "application/octet-stream",
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/zip",
];

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    kind: ImportKind,
    /// The file's name, for people.
    #[param(value_type = Option<String>, max_length = 200)]
    name: Option<Text<200>>,
    /// Of a text; found out if not given.
    encoding: Option<Encoding>,
    /// Take the very file over although it was before.
    again: Option<bool>,
}

/// A CSV or an XLSX, up to 32 MiB.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "stands for the body in the description")]
pub struct TableFile(Vec<u8>);

/// Hand over a file
///
/// The body is the file. Nothing is saved into the books before it is confirmed.
#[utoipa::path(
    tag = "imports",
    params(UploadQuery),
    request_body(content = TableFile, content_type = "application/octet-stream"),
    responses(
        (status = 202, body = ImportJob, description = "A node reads it"),
        (status = 200, body = ImportJob, description = "`already_applied`: this job took the very file over before"),
        (status = 403, body = ProblemBody),
        (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/imports")]
pub async fn upload(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    Params(query): Params<UploadQuery>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    if !query.kind.is_fed_by(session.role) {
        return Err(Kind::NotAllowed.into());
    }
    if !is_table(&request) {
        return Err(Kind::NotATable.into());
    }
    let busy = || Problem::new(Kind::Overloaded).retry_after(2_000);
    let _place = timeout(PLACE_TIME, PLACES.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())?;
    let bytes = timeout(FILE_TIME, read(body)).await.map_err(|_| Kind::CutShort)??;
    if bytes.is_empty() {
        return Err(Problem::invalid("", Words::fixed("文件是空的。", "The file is empty.")));
    }
    let handed = Handed {
        kind: query.kind,
        bytes: &bytes,
        file_name: query.name.as_ref().map_or("", Text::as_str),
        encoding: query.encoding,
        again: query.again.unwrap_or(false),
        by_user: Some(session.user_id),
        by_role: session.role,
    };
    let (import_id, already_applied) = match hand_in(&state.db, &handed).await? {
        Given::Job(import_id) => (import_id, false),
        Given::AppliedBefore(import_id) => (import_id, true),
        Given::Full => return Err(Problem::new(Kind::TooManyImports).retry_after(10_000)),
    };
    let mut db = state.connection().await?;
    let view = jobs::job(&mut db, &kinds(&session), import_id).await?.ok_or(Kind::NotFound)?;
    let job = ImportJob { already_applied, ..ImportJob::of(view, lang_of(&request)) };
    let mut response = if already_applied { HttpResponse::Ok() } else { HttpResponse::Accepted() };
    response.insert_header((header::LOCATION, format!("/api/v1/imports/{import_id}")));
    Ok(response.json(job))
}

fn is_table(request: &HttpRequest) -> bool {
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let named = content_type.split(';').next().unwrap_or_default().trim();
    TYPES.contains(&named) && text(header::CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity")
}

async fn read(mut body: web::Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    loop {
        let piece = timeout(PIECE_TIME, body.next()).await.map_err(|_| Kind::CutShort)?;
        let Some(piece) = piece else { return Ok(bytes) };
        let piece = piece.map_err(|error| {
            Problem::invalid("", Words::fixed("文件没有传完。", "The file ended too early.")).because(error)
        })?;
        if bytes.len() + piece.len() > FILE_BYTES_MAX {
            return Err(Kind::TooLarge.into());
        }
        bytes.extend_from_slice(&piece);
    }
}
