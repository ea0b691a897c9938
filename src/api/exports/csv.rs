//! A list as comma-separated text, page by page: as much of it as a page holds is ever in memory.
//!
//! Spreadsheets take a cell that begins like a formula for one, and a formula may call out or run programs on the desk of
//! whoever opens the file. So such a text gets an apostrophe in front, which says "this is text".

use super::{
    cell::{Cell, Column, Columns, Reader, money},
    gate,
    log::Logged,
};
use crate::storage::{
    Db, Result,
    exports::{PAGE, Pages},
};
use actix_web::web::Bytes;
use futures_util::{Stream, stream};

/// Without it Excel reads UTF-8 as something else.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// As RFC 4180 has it.
const END: &str = "\r\n";

/// Where the stream stands.
enum Next {
    Heads,
    Rows,
    Over,
}

/// The file, piece by piece. What breaks it off is logged like the export itself.
pub fn file<P>(db: Db, pages: P, reader: Reader, logged: Logged) -> impl Stream<Item = Result<Bytes>>
where
    P: Pages + 'static,
    P::Row: Columns,
{
    stream::unfold((Next::Heads, pages, 0_i64), move |(next, mut pages, rows_so_far)| {
        let (db, logged) = (db.clone(), logged.clone());
        async move {
            match next {
                Next::Over => None,
                Next::Heads => Some((Ok(heads(P::Row::COLUMNS, reader)), (Next::Rows, pages, 0))),
                Next::Rows => match page(&db, &mut pages).await {
                    Ok(rows) => {
                        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                        let next = if count < PAGE { Next::Over } else { Next::Rows };
                        Some((Ok(lines(&rows, reader)), (next, pages, rows_so_far + count)))
                    }
                    Err(error) => {
                        logged.broke_off(&db, rows_so_far, &error).await;
                        Some((Err(error), (Next::Over, pages, rows_so_far)))
                    }
                },
            }
        }
    })
}

async fn page<P: Pages>(db: &Db, pages: &mut P) -> Result<Vec<P::Row>> {
    let _turn = gate::to_read().await;
    let mut connection = db.0.acquire().await?;
    pages.next(&mut connection).await
}

fn heads<R>(columns: &[Column<R>], reader: Reader) -> Bytes {
    let heads: Vec<String> = columns.iter().map(|column| quoted(reader.words(column.head))).collect();
    format!("{BYTE_ORDER_MARK}{}{END}", heads.join(",")).into()
}

fn lines<R: Columns>(rows: &[R], reader: Reader) -> Bytes {
    let mut text = String::new();
    for row in rows {
        for (place, column) in R::COLUMNS.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&field((column.cell)(row), reader));
        }
        text.push_str(END);
    }
    text.into()
}

/// Numbers and times of ours stand as they are; texts are always in quotes.
fn field(cell: Cell, reader: Reader) -> String {
    match cell {
        Cell::Text(text) => quoted(&defused(text)),
        Cell::Words(words) => quoted(reader.words(words)),
        Cell::Whole(number) => number.to_string(),
        Cell::Cents(cents) => money(cents),
        Cell::Time(at) => reader.time(at),
        Cell::Day(day) => day.to_string(),
        Cell::Nothing => String::new(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A text that no spreadsheet takes for a formula.
fn defused(text: String) -> String {
    let begins = |text: &str, signs: &[char]| text.starts_with(signs);
    // Spaces in front do not help: some programs leave them out before they look.
    let dangerous = begins(&text, &['\t', '\r', '\n', '\0'])
        || begins(text.trim_start(), &['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if dangerous { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;

    #[test]
    fn a_text_that_begins_like_a_formula_is_shown_as_text_and_a_number_stays_one() {
        let reader = Reader { lang: Lang::Zh, time_zone: chrono_tz::Asia::Shanghai };
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "\0=1",
            "＝1",
            "＋1",
            "－1",
            "＠1",
            " =1",
            "\u{3000}=1",
        ] {
            assert_eq!(field(Cell::text(formula), reader), format!("\"'{formula}\""));
        }
        for harmless in ["", "S001", "1=1", "a-b", "'x", "×2", "E14×2"] {
            assert_eq!(field(Cell::text(harmless), reader), format!("\"{harmless}\""));
        }
        assert_eq!(field(Cell::text("a \"b\", c\r\nd"), reader), "\"a \"\"b\"\", c\r\nd\"");
        assert_eq!(field(Cell::Whole(-12), reader), "-12");
        assert_eq!(field(Cell::Cents(-1_250), reader), "-12.50");
    }
}
