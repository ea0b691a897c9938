//! The report of one round: what an allocator shows to the stores' people, and to those above.

use super::answer::KpiAnswer;
use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{May, may},
    domain::{clock, ids::RoundId, round::RoundState},
    storage::{
        Tx,
        kpis::{self, Scope},
        round_report::{self, Intervention, Refusals, ReportHead, ReportLine, ReportStore},
    },
};
use actix_web::{get, web};
use chrono::{DateTime, Months};
use serde::Serialize;

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RoundReport {
    pub round: ReportHead,
    /// As `GET /kpis` has them, of this round alone.
    pub kpis: Vec<KpiAnswer>,
    pub lines: Vec<ReportLine>,
    /// Refused claims by their first reason.
    pub refusals: Vec<Refusals>,
    /// What people did to the round, with their reasons.
    pub interventions: Vec<Intervention>,
    /// Invited stores; supervisors with regions see theirs.
    pub stores: Vec<ReportStore>,
}

/// Who got what, and why
///
/// Of a round that was published; while it runs, as of the books. A draft has nothing to report: 404.
#[utoipa::path(
    tag = "reports",
    params(("round_id" = String, Path)),
    responses((status = 200, body = RoundReport), (status = 404, body = ProblemBody)),
)]
#[get("/rounds/{round_id}/report")]
pub async fn report(
    state: web::Data<ApiState>,
    session: May<may::SeeReport>,
    round_id: web::Path<RoundId>,
) -> Result<web::Json<RoundReport>, Problem> {
    let (round_id, area_of) = (*round_id, session.area_of());
    let mut tx = Tx::begin(&state.db).await?;
    let head = round_report::head(&mut tx, round_id).await?;
    let Some(round) = head.filter(|head| head.state != RoundState::Draft) else {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    };
    // Whatever became of it later: its goods may arrive long after it closed.
    let to = clock::now() + Months::new(12);
    let scope =
        Scope { from: DateTime::UNIX_EPOCH, to, region: None, store_id: None, round_id: Some(round_id), area_of };
    let mut answers = Vec::new();
    for kpi in kpis::all().filter(|kpi| kpi.of_a_round) {
        answers.push(KpiAnswer::new(kpi, kpi.figures(&mut tx, scope).await?));
    }
    let report = RoundReport {
        round,
        kpis: answers,
        lines: round_report::lines(&mut tx, round_id).await?,
        refusals: round_report::refusals(&mut tx, round_id).await?,
        interventions: round_report::interventions(&mut tx, round_id).await?,
        stores: round_report::stores(&mut tx, round_id, area_of).await?,
    };
    tx.commit().await?;
    Ok(web::Json(report))
}
