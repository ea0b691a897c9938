//! A claim, decided.

use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
    },
    auth::{StoreSession, may},
    domain::{
        claim::{Claim, ClaimLine, ClaimMode, ClaimOutcome},
        clock,
        ids::{ClaimId, RoundId},
        named,
        reason::Reason,
    },
    grab::GrabError,
    protocol::outbound::VerdictFrame,
};
use actix_web::{post, web};
use serde::Deserialize;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    /// Made by the client, a UUID; sending the same one again answers the same verdict.
    claim_id: ClaimId,
    round_id: RoundId,
    /// 1 to 20, each line once.
    #[serde(deserialize_with = "named::all")]
    lines: Vec<ClaimLine>,
    mode: ClaimMode,
}

/// Claim
///
/// Answers 200 with the verdict, won or refused, or with `not_decided`: then nothing was decided, and the same id may be
/// sent again.
#[utoipa::path(
    tag = "claims",
    request_body = NewClaim,
    responses(
        (status = 200, body = VerdictFrame),
        (status = 401, description = "`sign_in`: nothing is known of the claim; sign in and send the same id again", body = ProblemBody),
        (status = 422, description = "`E20`: no such line, no positive quantity, or a known id with another body", body = ProblemBody),
        (status = 429, description = "`E16`: too fast", body = ProblemBody),
        (status = 503, description = "`overloaded`: not decided. `unavailable`: outcome unknown; send the same id again", body = ProblemBody),
    ),
)]
#[post("/claims")]
pub async fn claim(
    state: web::Data<ApiState>,
    session: StoreSession<may::Claim>,
    Body(said): Body<NewClaim>,
) -> Result<web::Json<VerdictFrame>, Problem> {
    let NewClaim { claim_id, round_id, lines, mode } = said;
    let claim = Claim::new(claim_id, round_id, session.store_id, session.user_id, session.auth_version, mode, lines)
        .ok_or_else(|| Problem::new(Kind::BadClaim))?;
    let outcome = state.grab.claim(&session.pool, claim, clock::now_ms()).await.map_err(unanswered)?;
    match outcome {
        ClaimOutcome::NotDecided(Reason::BadClaim {}) => Err(Kind::BadClaim.into()),
        ClaimOutcome::NotDecided(Reason::TooFast { retry_after_ms }) => {
            Err(Problem::new(Kind::TooFast).retry_after(retry_after_ms))
        }
        ClaimOutcome::NotDecided(Reason::Overloaded { retry_after_ms }) => {
            Err(Problem::new(Kind::Overloaded).retry_after(retry_after_ms))
        }
        outcome => Ok(web::Json(VerdictFrame::new(round_id, claim_id, outcome))),
    }
}

/// The machinery failed, or the user was changed: the outcome is not known, and the same id will tell.
pub(super) fn unanswered(error: GrabError) -> Problem {
    match error {
        GrabError::SignedOut => Kind::SignIn.into(),
        error => Problem::new(Kind::Unavailable).retry_after(500).because(error),
    }
}
