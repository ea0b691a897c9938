//! What a reading found wrong or odd.

use super::super::Result;
use crate::domain::{
    ids::ImportId,
    import_fault::{FaultCode, Numbers, Severity},
};
use sqlx::{FromRow, PgConnection, types::Json};

#[derive(Clone, Debug, FromRow)]
pub struct FaultRow {
    /// In the order of the list.
    pub number: i32,
    pub severity: Severity,
    pub row_no: i32,
    pub column_no: Option<i32>,
    pub header: Option<String>,
    pub value: String,
    pub code: FaultCode,
    pub numbers: Json<Numbers>,
}

/// Replaces what an earlier reading found.
pub async fn write(tx: &mut PgConnection, import_id: ImportId, rows: &[FaultRow]) -> Result<()> {
    sqlx::query("delete from import_faults where import_id = $1").bind(import_id).execute(&mut *tx).await?;
    sqlx::query(
        "insert into import_faults (import_id, number, severity, row_no, column_no, header, value, code, numbers)
         select $1, * from unnest($2::int[], $3::text[], $4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::jsonb[])",
    )
    .bind(import_id)
    .bind(rows.iter().map(|row| row.number).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.code.severity()).map(severity).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.row_no).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.column_no).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.header.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.code.name()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.numbers.clone()).collect::<Vec<_>>())
    .execute(tx)
    .await
    .map(|_| ())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// In order, after a number; one more than `limit`.
pub async fn list(
    db: &mut PgConnection,
    import_id: ImportId,
    severity: Option<Severity>,
    after: Option<i32>,
    limit: i64,
) -> Result<Vec<FaultRow>> {
    sqlx::query_as(
        "select number, severity, row_no, column_no, header, value, code, numbers
           from import_faults
          where import_id = $1
            and ($2::text is null or severity = $2)
            and ($3::int is null or number > $3)
          order by number
          limit $4 + 1",
    )
    .bind(import_id)
    .bind(severity)
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}
