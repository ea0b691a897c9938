//! Who needs what most: the pairs of the current run, sorted three ways.

use super::{At, Result, area::in_area};
use crate::domain::ids::{SkuId, StoreId, UserId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgConnection};

/// What one store needs of one SKU, with the figures and the five parts it came from.
#[derive(Clone, Debug, FromRow, Serialize, utoipa::ToSchema)]
pub struct NeedItem {
    pub store_id: StoreId,
    pub store_code: String,
    pub store_name: String,
    pub region: String,
    pub sku_id: SkuId,
    pub sku_code: String,
    pub sku_name: String,
    pub category: String,
    pub case_pack: i64,
    /// Target less net, not below zero.
    pub need_units: i64,
    pub target_units: i64,
    /// On hand, in transit and granted.
    pub net_units: i64,
    /// Average daily sales in thousandths of a unit.
    pub ads_milli: i64,
    pub cover_days: i64,
    /// How long the net position lasts, in thousandths of a day; absent where nothing is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dos_milli: Option<i64>,
    /// 0 to 10,000: the weighted mean of the five parts that follow.
    pub score_bp: i64,
    pub shortage_bp: i64,
    pub urgency_bp: i64,
    pub velocity_bp: i64,
    pub debt_bp: i64,
    pub reliability_bp: i64,
    /// The last day with sales data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    pub computed_at: At,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeedSort {
    /// Most urgent first.
    #[default]
    Score,
    /// Most units first.
    Need,
    /// Fewest days of supply first; only what is sold.
    Dos,
}

pub struct NeedFilter<'a> {
    pub store_id: Option<StoreId>,
    pub sku_id: Option<SkuId>,
    pub region: Option<&'a str>,
    pub category: Option<&'a str>,
    pub min_score_bp: i64,
    /// Pairs that need nothing as well.
    pub all: bool,
    /// Whose regions narrow what is seen.
    pub area_of: Option<UserId>,
    /// Sort key, store and SKU of the last item seen.
    pub after: Option<(i64, StoreId, SkuId)>,
}

/// `$key` is the column that is sorted by, `$beyond` how a later row compares to the last one seen.
macro_rules! listed {
    ($key:literal, $beyond:literal, $way:literal) => {
        concat!(
            "with current as (
               select run_no, as_of, finished_at
                 from need_runs
                where state = 'DONE'
                order by run_no desc
                limit 1)
             select n.store_id, s.code as store_code, s.name as store_name, s.region,
                    n.sku_id, k.code as sku_code, k.name as sku_name, k.category, k.case_pack,
                    n.need_units, n.target_units, n.net_units, n.ads_milli, n.cover_days, n.dos_milli,
                    n.score_bp::bigint, n.shortage_bp::bigint, n.urgency_bp::bigint, n.velocity_bp::bigint,
                    n.debt_bp::bigint, n.reliability_bp::bigint,
                    c.as_of, c.finished_at as computed_at
               from current c
               join needs n on n.run_no = (select run_no from current)
               join stores s on s.id = n.store_id
               join skus k on k.id = n.sku_id
              where n.",
            $key,
            " is not null
                and n.score_bp >= $1
                and ($2 or n.need_units > 0)
                and ($3::uuid is null or n.store_id = $3)
                and ($4::uuid is null or n.sku_id = $4)
                and ($5::text is null or s.region = $5)
                and ($6::text is null or k.category = $6)
                and ",
            in_area!("s.region", "$7"),
            "
                and ($8::bigint is null or (n.",
            $key,
            ", n.store_id, n.sku_id) ",
            $beyond,
            " ($8, $9, $10))
              order by n.",
            $key,
            $way,
            ", n.store_id",
            $way,
            ", n.sku_id",
            $way,
            "
              limit $11 + 1"
        )
    };
}

const BY_SCORE: &str = listed!("score_bp", "<", " desc");
const BY_NEED: &str = listed!("need_units", "<", " desc");
const BY_DOS: &str = listed!("dos_milli", ">", "");

/// One more than `limit`. In a transaction of the caller's, because the plan depends on which filters are set.
pub async fn list(tx: &mut PgConnection, sort: NeedSort, filter: NeedFilter<'_>, limit: i64) -> Result<Vec<NeedItem>> {
    sqlx::query("set local plan_cache_mode = force_custom_plan").execute(&mut *tx).await?;
    let sql = match sort {
        NeedSort::Score => BY_SCORE,
        NeedSort::Need => BY_NEED,
        NeedSort::Dos => BY_DOS,
    };
    sqlx::query_as(sql)
        .bind(filter.min_score_bp)
        .bind(filter.all)
        .bind(filter.store_id)
        .bind(filter.sku_id)
        .bind(filter.region)
        .bind(filter.category)
        .bind(filter.area_of)
        .bind(filter.after.map(|key| key.0))
        .bind(filter.after.map(|key| key.1))
        .bind(filter.after.map(|key| key.2))
        .bind(limit)
        .fetch_all(tx)
        .await
}

impl NeedItem {
    /// What a list sorted this way goes on from.
    pub fn key(&self, sort: NeedSort) -> (i64, StoreId, SkuId) {
        let figure = match sort {
            NeedSort::Score => self.score_bp,
            NeedSort::Need => self.need_units,
            NeedSort::Dos => self.dos_milli.unwrap_or(i64::MAX),
        };
        (figure, self.store_id, self.sku_id)
    }
}
