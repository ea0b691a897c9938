//! Stores with their limits.

use super::{PAGE, Pages, Reach};
use crate::storage::{Result, area::in_area};
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};

#[derive(Clone, Debug, Default)]
pub struct Stores {
    pub reach: Reach,
    /// Part of code, name or region.
    pub text: Option<String>,
    pub after: Option<String>,
}

#[derive(Clone, Debug, FromRow)]
pub struct StoreRow {
    pub code: String,
    pub name: String,
    pub region: String,
    pub credit_limit_cents: i64,
    pub dock_units_per_day: i64,
    pub suspended_until: Option<DateTime<Utc>>,
    pub active: bool,
}

/// `$1` to `$3` are the filter.
macro_rules! stores {
    () => {
        concat!(
            "  from stores
              where ($1::uuid is null or id = $1)
                and ",
            in_area!("region", "$2"),
            "   and ($3::text is null or position(lower($3) in lower(code || ' ' || name || ' ' || region)) > 0)"
        )
    };
}

impl Pages for Stores {
    type Row = StoreRow;

    async fn count(&self, db: &mut PgConnection) -> Result<i64> {
        sqlx::query_scalar(concat!("select count(*)", stores!()))
            .bind(self.reach.store_id)
            .bind(self.reach.area_of)
            .bind(&self.text)
            .fetch_one(db)
            .await
    }

    async fn next(&mut self, db: &mut PgConnection) -> Result<Vec<StoreRow>> {
        let rows: Vec<StoreRow> = sqlx::query_as(concat!(
            "select code, name, region, credit_limit_cents, dock_units_per_day, suspended_until, active",
            stores!(),
            "   and ($4::text is null or code > $4)
              order by code
              limit $5"
        ))
        .bind(self.reach.store_id)
        .bind(self.reach.area_of)
        .bind(&self.text)
        .bind(&self.after)
        .bind(PAGE)
        .fetch_all(db)
        .await?;
        self.after = rows.last().map(|row| row.code.clone()).or(self.after.take());
        Ok(rows)
    }
}
