//! The file of a job, in parts, and the cells that somebody mended.

use super::super::Result;
use crate::domain::ids::{ImportId, UserId};
use sqlx::PgConnection;

const PART_BYTES: usize = 1024 * 1024;

pub async fn write(tx: &mut PgConnection, import_id: ImportId, bytes: &[u8]) -> Result<()> {
    for (part_no, part) in (0_i32..).zip(bytes.chunks(PART_BYTES)) {
        sqlx::query("insert into import_files (import_id, part_no, bytes) values ($1, $2, $3)")
            .bind(import_id)
            .bind(part_no)
            .bind(part)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub async fn read(db: &mut PgConnection, import_id: ImportId) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for part_no in 0_i32.. {
        let part: Option<Vec<u8>> =
            sqlx::query_scalar("select bytes from import_files where import_id = $1 and part_no = $2")
                .bind(import_id)
                .bind(part_no)
                .fetch_optional(&mut *db)
                .await?;
        match part {
            Some(part) => bytes.extend_from_slice(&part),
            None => break,
        }
    }
    Ok(bytes)
}

/// The books have it now, or never will.
pub async fn remove(tx: &mut PgConnection, import_id: ImportId) -> Result<()> {
    sqlx::query("delete from import_files where import_id = $1").bind(import_id).execute(&mut *tx).await?;
    sqlx::query("delete from import_cells where import_id = $1").bind(import_id).execute(tx).await.map(|_| ())
}

/// A cell as somebody mended it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MendedCell {
    pub row_no: i32,
    pub column_no: i32,
    pub value: String,
}

pub async fn mend(tx: &mut PgConnection, import_id: ImportId, by: Option<UserId>, cells: &[MendedCell]) -> Result<()> {
    sqlx::query(
        "insert into import_cells (import_id, by_user, row_no, column_no, value)
         select $1, $2, * from unnest($3::int[], $4::int[], $5::text[])
         on conflict (import_id, row_no, column_no) do update
            set value = excluded.value, by_user = excluded.by_user, at = now()",
    )
    .bind(import_id)
    .bind(by)
    .bind(cells.iter().map(|cell| cell.row_no).collect::<Vec<_>>())
    .bind(cells.iter().map(|cell| cell.column_no).collect::<Vec<_>>())
    .bind(cells.iter().map(|cell| cell.value.as_str()).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map(|_| ())
}

pub async fn mended(db: &mut PgConnection, import_id: ImportId) -> Result<Vec<MendedCell>> {
    sqlx::query_as("select row_no, column_no, value from import_cells where import_id = $1")
        .bind(import_id)
        .fetch_all(db)
        .await
}

pub async fn mended_count(db: &mut PgConnection, import_id: ImportId) -> Result<i64> {
    sqlx::query_scalar("select count(*) from import_cells where import_id = $1").bind(import_id).fetch_one(db).await
}
