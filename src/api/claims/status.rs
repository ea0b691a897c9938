//! The verdict on a claim that was sent before.

use super::make::unanswered;
use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{StoreSession, may},
    domain::{
        claim::ClaimOutcome,
        ids::{ClaimId, RoundId},
    },
    protocol::outbound::VerdictFrame,
};
use actix_web::{get, web};

/// Ask for a verdict again
#[utoipa::path(
    tag = "claims",
    params(("round_id" = String, Path), ("claim_id" = String, Path)),
    responses(
        (status = 200, body = VerdictFrame),
        (status = 404, description = "nothing was decided under this id, or it is not yours", body = ProblemBody),
        (status = 503, body = ProblemBody),
    ),
)]
#[get("/rounds/{round_id}/claims/{claim_id}")]
pub async fn claim_status(
    state: web::Data<ApiState>,
    session: StoreSession<may::Claim>,
    path: web::Path<(RoundId, ClaimId)>,
) -> Result<web::Json<VerdictFrame>, Problem> {
    let (round_id, claim_id) = path.into_inner();
    let verdict = state.grab.status(&session.pool, round_id, claim_id, session.store_id).await.map_err(unanswered)?;
    let verdict = verdict.ok_or(Kind::NotFound)?;
    Ok(web::Json(VerdictFrame::new(round_id, claim_id, ClaimOutcome::Decided(verdict))))
}
