//! Key figures over a period: headquarters all of them, the others their part.

use super::answer::KpiAnswer;
use crate::{
    api::{
        page::Params,
        problem::Problem,
        state::ApiState,
        values::{Text, sensible},
        words::Words,
    },
    auth::Session,
    domain::{clock, role::Role},
    storage::{
        At, Tx,
        kpis::{self, Kpi, Reader, Scope},
    },
};
use actix_web::{get, web};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

const PERIOD_DEFAULT: Duration = Duration::days(28);
const PERIOD_MAX: Duration = Duration::days(366);

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct KpiQuery {
    /// Rounds that opened from here on; 28 days before `to` by default.
    #[param(example = "2026-11-01T00:00:00Z")]
    from: Option<DateTime<Utc>>,
    /// Before this time; now by default. A year after `from` at most.
    #[param(example = "2026-11-29T00:00:00Z")]
    to: Option<DateTime<Utc>>,
    /// A region's whole name.
    #[param(value_type = Option<String>, max_length = 60, example = "华东")]
    region: Option<Text<60>>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Kpis {
    pub from: At,
    pub to: At,
    pub kpis: Vec<KpiAnswer>,
}

/// Key figures
///
/// Supervisors see all of them, those with regions of theirs; store people those of their own store; warehouse and finance
/// those that concern them.
#[utoipa::path(tag = "reports", params(KpiQuery), responses((status = 200, body = Kpis)))]
#[get("/kpis")]
pub async fn key_figures(
    state: web::Data<ApiState>,
    session: Session,
    Params(query): Params<KpiQuery>,
) -> Result<web::Json<Kpis>, Problem> {
    let (from, to) = period(&query)?;
    let scope = Scope {
        from,
        to,
        region: query.region.as_ref().map(Text::as_str),
        store_id: session.scope().store_id(),
        round_id: None,
        area_of: session.area_of(),
    };
    let mut tx = Tx::begin(&state.db).await?;
    let mut answers = Vec::new();
    for kpi in kpis::all().filter(|kpi| reads(session.role, kpi)) {
        answers.push(KpiAnswer::new(kpi, kpi.figures(&mut tx, scope).await?));
    }
    tx.commit().await?;
    Ok(web::Json(Kpis { from: At(from), to: At(to), kpis: answers }))
}

fn reads(role: Role, kpi: &Kpi) -> bool {
    match role {
        Role::Supervisor | Role::Admin => true,
        Role::StoreStaff | Role::StoreManager => kpi.readers.contains(&Reader::Store),
        Role::WarehouseClerk => kpi.readers.contains(&Reader::Warehouse),
        Role::Finance => kpi.readers.contains(&Reader::Finance),
    }
}

fn period(query: &KpiQuery) -> Result<(DateTime<Utc>, DateTime<Utc>), Problem> {
    let to = query.to.unwrap_or_else(clock::now);
    sensible("?to", to)?;
    let from = query.from.unwrap_or(to - PERIOD_DEFAULT);
    sensible("?from", from)?;
    if from >= to || to - from > PERIOD_MAX {
        return Err(Problem::invalid(
            "?from",
            Words::fixed("from 要早于 to，最多相隔 366 天。", "`from` must be before `to`, by 366 days at most."),
        ));
    }
    Ok((from, to))
}
