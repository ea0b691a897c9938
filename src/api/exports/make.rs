//! A list as a file, in the answer itself.

use super::{
    ask::Export,
    cell::{Columns, Reader},
    csv, gate,
    log::Logged,
    xlsx,
};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        speak::lang_of,
        state::ApiState,
    },
    auth::{May, may},
    domain::{
        clock,
        export::{ExportFormat, ExportKind},
    },
    storage::{
        catalogue,
        exports::{OrderLines, Pages, Results, ShipmentLines, Skus, Stock, Stores},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue},
    post, web,
};
use chrono_tz::Tz;

/// Export a list
///
/// The file is the answer. CSV is UTF-8 with a byte order mark; heads are in the language of `Accept-Language`, times
/// stand on the chain's clock with their distance from UTC, money is decimal. Whoever takes more than the own store's says
/// why. Each export is logged among the acts of administration.
#[utoipa::path(
    tag = "exports",
    request_body = Export,
    responses(
        (
            status = 200,
            description = "The file, named by Content-Disposition",
            headers(("Content-Disposition" = String)),
            content(
                (String = "text/csv"),
                (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            ),
        ),
        (status = 403, description = "`not_allowed`: a list that is not for this role", body = ProblemBody),
        (status = 404, description = "A round, store or warehouse that is not there for the caller", body = ProblemBody),
        (status = 422, description = "`too_many_rows`: more than 100,000 do not go into a workbook", body = ProblemBody),
    ),
)]
#[post("/exports")]
pub async fn make(
    state: web::Data<ApiState>,
    session: May<may::Export>,
    req: HttpRequest,
    Body(said): Body<Export>,
) -> Result<HttpResponse, Problem> {
    said.check(&session)?;
    let mut db = state.connection().await?;
    let reach = said.reach(&mut db, &session).await?;
    let chain = catalogue::chain(&mut db).await?.ok_or(Kind::NotFound)?;
    drop(db);
    let time_zone: Tz = chain.time_zone.parse().map_err(|error| Problem::new(Kind::Internal).because(error))?;
    let reader = Reader { lang: lang_of(&req), time_zone };
    let logged = Logged::new(session.user_id, said.kind);
    match said.kind {
        ExportKind::Orders => {
            let (round_id, store_id) = (said.round_id, said.store_id);
            let lines = OrderLines {
                reach,
                store_id,
                round_id,
                state: said.state()?,
                from: said.from,
                to: said.to,
                ..OrderLines::default()
            };
            answer(&state, &said, lines, reader, logged).await
        }
        ExportKind::Shipments => {
            let lines = ShipmentLines {
                reach,
                states: said.states()?,
                warehouse_id: said.warehouse_id,
                from: said.from,
                to: said.to,
                ..ShipmentLines::default()
            };
            answer(&state, &said, lines, reader, logged).await
        }
        ExportKind::Stock => {
            let stock = Stock { warehouse_id: said.warehouse_id, text: said.text(), after: None };
            answer(&state, &said, stock, reader, logged).await
        }
        ExportKind::Stores => {
            let stores = Stores { reach, text: said.text(), after: None };
            answer(&state, &said, stores, reader, logged).await
        }
        ExportKind::Skus => answer(&state, &said, Skus { text: said.text(), after: None }, reader, logged).await,
        ExportKind::RoundResults => {
            let round_id = said.round_id.ok_or(Kind::NotFound)?;
            let results = Results { reach, round_id, after: None };
            answer(&state, &said, results, reader, logged).await
        }
    }
}

/// Logged first, then the file.
async fn answer<P>(
    state: &ApiState,
    said: &Export,
    pages: P,
    reader: Reader,
    logged: Logged,
) -> Result<HttpResponse, Problem>
where
    P: Pages + 'static,
    P::Row: Columns,
{
    let rows = {
        let _turn = gate::to_read().await;
        pages.count(&mut *state.connection().await?).await?
    };
    let (format, filters, reason) = (said.format, said.filters().into(), said.reason());
    let mut response = HttpResponse::Ok();
    response.insert_header(named(said.kind, format, reader));
    match format {
        ExportFormat::Csv => {
            logged.leaves(&state.db, format, &filters, rows, reason).await?;
            response.content_type("text/csv; charset=utf-8; header=present");
            Ok(response.streaming(csv::file(state.db.clone(), pages, reader, logged)))
        }
        ExportFormat::Xlsx if rows > xlsx::ROWS_MAX => Err(Kind::TooManyRows.into()),
        ExportFormat::Xlsx => {
            let (file, rows) = xlsx::file(&state.db, pages, reader).await?;
            logged.leaves(&state.db, format, &filters, rows, reason).await?;
            response.content_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
            Ok(response.body(file))
        }
    }
}

/// The file's name in the reader's language, and one in plain letters for programs that know no other.
fn named(kind: ExportKind, format: ExportFormat, reader: Reader) -> (header::HeaderName, ContentDisposition) {
    let (day, extension) = (clock::now().with_timezone(&reader.time_zone).date_naive(), format.extension());
    let plain = format!("{}-{day}.{extension}", kind.name());
    let own = format!("{}-{day}.{extension}", reader.words(title(kind)));
    let extended = ExtendedValue { charset: Charset::Ext("UTF-8".to_owned()), language_tag: None, value: own.into() };
    let parameters = vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(extended)];
    let disposition = ContentDisposition { disposition: DispositionType::Attachment, parameters };
    (header::CONTENT_DISPOSITION, disposition)
}

fn title(kind: ExportKind) -> [&'static str; 2] {
    match kind {
        ExportKind::Orders => ["订单", "orders"],
        ExportKind::Shipments => ["发货单", "shipments"],
        ExportKind::Stock => ["库存", "stock"],
        ExportKind::Stores => ["门店", "stores"],
        ExportKind::Skus => ["商品", "skus"],
        ExportKind::RoundResults => ["场次结果", "round-results"],
    }
}
