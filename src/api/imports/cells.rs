//! Mending cells in place. The file stays as it came; what was mended lies over it, and all of it is read once more,
//! because one cell can heal or hurt another row.

use super::answer::{ImportJob, finish, hold, refuse};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
        values::{Text, storable},
        words::Words,
    },
    auth::{May, may},
    domain::{ids::ImportId, import::ImportState, named},
    import::{Preview, cell_at},
    storage::{
        Tx,
        imports::{
            file::{self, MendedCell},
            jobs,
        },
    },
};
use actix_web::{HttpRequest, HttpResponse, patch, web};
use serde::Deserialize;
use std::collections::BTreeMap;

const CELLS_MAX: usize = 500;
/// Of one job; who mends more sends a better file.
const CELLS_OF_A_JOB_MAX: i64 = 5_000;
const VALUE_CHARS_MAX: usize = 1_000;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mending {
    #[serde(deserialize_with = "named::all")]
    #[schema(min_items = 1, max_items = 500)]
    cells: Vec<NewCell>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCell {
    /// `B17`; rows begin at 2.
    #[schema(value_type = String, pattern = "^[A-Z]{1,3}[1-9][0-9]{0,6}$")]
    cell: Text<10>,
    /// May be empty.
    value: String,
}

/// Mend cells of an import
#[utoipa::path(
    tag = "imports",
    params(("import_id" = String, Path)),
    request_body = Mending,
    responses(
        (status = 202, body = ImportJob, description = "It is read once more: READING, then PREVIEWED"),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: it is not PREVIEWED", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[patch("/imports/{import_id}/cells")]
pub async fn mend(
    state: web::Data<ApiState>,
    session: May<may::Import>,
    import_id: web::Path<ImportId>,
    Body(said): Body<Mending, 256>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tx = Tx::begin(&state.db).await?;
    let (mut tx, job) = hold(tx, &session, *import_id).await?;
    if job.state != ImportState::Previewed {
        return Err(refuse(tx, Kind::WrongState.into()).await);
    }
    let preview = job.preview.and_then(|preview| serde_json::from_value(preview.0).ok());
    let cells = match cells(&said, preview.as_ref()) {
        Ok(cells) => cells,
        Err(problem) => return Err(refuse(tx, problem).await),
    };
    file::mend(&mut tx, *import_id, Some(session.user_id), &cells).await?;
    if file::mended_count(&mut tx, *import_id).await? > CELLS_OF_A_JOB_MAX {
        let words = Words::fixed("改的太多。改好文件再传。", "Too much to mend here: mend the file and send it again.");
        return Err(refuse(tx, Problem::invalid("/cells", words)).await);
    }
    jobs::read_again(&mut tx, *import_id).await?;
    let job = finish(tx, &session, *import_id, lang_of(&request)).await?;
    Ok(HttpResponse::Accepted().json(job))
}

/// Of a cell named twice the last counts.
fn cells(said: &Mending, preview: Option<&Preview>) -> Result<Vec<MendedCell>, Problem> {
    if !(1..=CELLS_MAX).contains(&said.cells.len()) {
        let words = Words::fixed("一次 1 到 500 格。", "1 to 500 cells at once.");
        return Err(Problem::invalid("/cells", words));
    }
    let width = preview.map_or(0, |preview| preview.columns.len());
    let mut cells = BTreeMap::new();
    for (at, cell) in said.cells.iter().enumerate() {
        let place = cell_at(cell.cell.as_str()).filter(|(row, column)| *row >= 2 && *column < width);
        let place = place.and_then(|(row, column)| Some((i32::try_from(row).ok()?, i32::try_from(column).ok()?)));
        let Some((row_no, column_no)) = place else {
            let words = Words::fixed(
                "表里没有这一格。写成 B17，从第 2 行起。",
                "There is no such cell: write B17, from row 2 on.",
            );
            return Err(Problem::invalid(format!("/cells/{at}/cell"), words));
        };
        let pointer = format!("/cells/{at}/value");
        storable(&pointer, &cell.value)?;
        if cell.value.chars().count() > VALUE_CHARS_MAX {
            return Err(Problem::invalid(pointer, Words::fixed("最多 1000 个字。", "At most 1,000 characters.")));
        }
        cells.insert((row_no, column_no), MendedCell { row_no, column_no, value: cell.value.clone() });
    }
    Ok(cells.into_values().collect())
}
