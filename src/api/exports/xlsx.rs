//! A list as a workbook. Rows go to a temporary file as they come; only the packed file is in memory as a whole.
//! Texts are written as texts, so that nothing in them is ever a formula.

use super::{
    cell::{Cell, Columns, Reader},
    gate,
};
use crate::{
    api::problem::{Kind, Problem},
    storage::{
        Db,
        exports::{PAGE, Pages},
    },
};
use actix_web::web;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// Rows of a workbook, without its heads.
pub const ROWS_MAX: i64 = 100_000;

const MONEY: &str = "0.00";

/// The file, and how many rows stand in it.
pub async fn file<P>(db: &Db, mut pages: P, reader: Reader) -> Result<(Vec<u8>, i64), Problem>
where
    P: Pages,
    P::Row: Columns,
{
    let _turn = gate::to_make().await?;
    let (mut workbook, money) = (Workbook::new(), Format::new().set_num_format(MONEY));
    workbook.add_worksheet_with_constant_memory().map_err(broken)?;
    let mut rows_so_far = 0_i64;
    heads::<P::Row>(workbook.worksheet_from_index(0).map_err(broken)?, reader).map_err(broken)?;
    loop {
        let rows = {
            let _turn = gate::to_read().await;
            let mut connection = db.0.acquire().await?;
            pages.next(&mut connection).await?
        };
        let sheet = workbook.worksheet_from_index(0).map_err(broken)?;
        for row in &rows {
            rows_so_far += 1;
            if rows_so_far > ROWS_MAX {
                return Err(Kind::TooManyRows.into());
            }
            let at = u32::try_from(rows_so_far).map_err(|_| Kind::TooManyRows)?;
            line(sheet, at, row, reader, &money).map_err(broken)?;
        }
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE {
            break;
        }
    }
    // A second or two of packing, off the thread that serves others.
    let packed = web::block(move || workbook.save_to_buffer()).await;
    let packed = packed.map_err(|error| Problem::new(Kind::Internal).because(error))?.map_err(broken)?;
    Ok((packed, rows_so_far))
}

fn heads<R: Columns>(sheet: &mut Worksheet, reader: Reader) -> Result<(), XlsxError> {
    for (place, column) in (0_u16..).zip(R::COLUMNS) {
        sheet.write_string(0, place, reader.words(column.head))?;
    }
    Ok(())
}

fn line<R: Columns>(sheet: &mut Worksheet, at: u32, row: &R, reader: Reader, money: &Format) -> Result<(), XlsxError> {
    for (place, column) in (0_u16..).zip(R::COLUMNS) {
        match (column.cell)(row) {
            Cell::Text(text) => sheet.write_string(at, place, text)?,
            Cell::Words(words) => sheet.write_string(at, place, reader.words(words))?,
            Cell::Whole(number) => sheet.write_number(at, place, exact(number))?,
            Cell::Cents(cents) => sheet.write_number_with_format(at, place, exact(cents) / 100.0, money)?,
            Cell::Time(time) => sheet.write_string(at, place, reader.time(time))?,
            Cell::Day(day) => sheet.write_string(at, place, day.to_string())?,
            Cell::Nothing => continue,
        };
    }
    Ok(())
}

/// Spreadsheets have no other numbers. Quantities and cents stay far below 2^53, where every whole number is exact.
#[expect(clippy::cast_precision_loss, reason = "exact below 2^53, and no figure of the books is above")]
fn exact(number: i64) -> f64 {
    number as f64
}

fn broken(error: XlsxError) -> Problem {
    Problem::new(Kind::Internal).because(error)
}
