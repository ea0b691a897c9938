//! What is wrong or odd in a job's file, cell by cell.

use super::answer::kinds;
use crate::{
    api::{
        page::{Limit, Page, Params, key_in, limit_or_default},
        problem::{Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
    },
    auth::{May, may},
    domain::{
        ids::ImportId,
        import_fault::{self, FaultCode, Severity},
        lang::Lang,
    },
    import::cell_name,
    storage::imports::{
        faults::{self as books, FaultRow},
        jobs,
    },
};
use actix_web::{HttpRequest, get, web};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FaultQuery {
    severity: Option<Severity>,
    /// 1 to 200, 50 by default.
    #[param(value_type = Option<i64>)]
    limit: Option<Limit>,
    cursor: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportFault {
    #[serde(skip)]
    number: i32,
    pub severity: Severity,
    /// As a spreadsheet counts, the header being 1.
    pub row: i32,
    /// `B17`; absent: it is about the row as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// The column's header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// As read, cut to 200 characters.
    pub value: String,
    /// Stable.
    pub code: FaultCode,
    /// A sentence that says what to do, in the language of `Accept-Language`.
    pub text: String,
}

impl ImportFault {
    fn of(row: FaultRow, lang: Lang) -> Self {
        let place = u32::try_from(row.row_no).ok().zip(row.column_no.and_then(|column| usize::try_from(column).ok()));
        Self {
            number: row.number,
            severity: row.severity,
            row: row.row_no,
            cell: place.map(|(row, column)| cell_name(row, column)),
            column: row.header,
            value: row.value,
            code: row.code,
            text: import_fault::sentence(row.code, lang, &row.numbers),
        }
    }
}

/// What is wrong or odd in an import
///
/// Errors first, then warnings, by row; the first thousand of each. `preview.fault_counts` counts all.
#[utoipa::path(
    tag = "imports",
    params(("import_id" = String, Path), FaultQuery),
    responses((status = 200, body = Page<ImportFault>), (status = 404, body = ProblemBody)),
)]
#[get("/imports/{import_id}/faults")]
pub async fn list(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    import_id: web::Path<ImportId>,
    Params(query): Params<FaultQuery>,
    request: HttpRequest,
) -> Result<web::Json<Page<ImportFault>>, Problem> {
    let limit = limit_or_default(query.limit);
    let after: Option<i32> = key_in(query.cursor.as_deref())?;
    let mut db = state.connection().await?;
    jobs::job(&mut db, &kinds(&session), *import_id).await?.ok_or(Kind::NotFound)?;
    let rows = books::list(&mut db, *import_id, query.severity, after, limit).await?;
    let lang = lang_of(&request);
    let items = rows.into_iter().map(|row| ImportFault::of(row, lang)).collect();
    Ok(web::Json(Page::cut(items, limit, |fault: &ImportFault| fault.number)))
}
