//! Taking an invite back while nobody has used it.

use crate::{
    api::{
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        words::Words,
    },
    auth::{May, may},
    domain::{
        admin_action::{Action, OnKind},
        ids::InviteId,
        role::Role,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        invites::{self, InviteState},
    },
};
use actix_web::{HttpResponse, delete, web};

/// Revoke an invite
#[utoipa::path(
    tag = "users",
    params(("invite_id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, description = "`wrong_state`: it was used", body = ProblemBody),
    ),
)]
#[delete("/invites/{invite_id}")]
pub async fn revoke(
    state: web::Data<ApiState>,
    session: May<may::Invite>,
    invite_id: web::Path<InviteId>,
) -> Result<HttpResponse, Problem> {
    let mut tx = Tx::begin(&state.db).await?;
    let found = invites::by_id(&mut tx, *invite_id).await?;
    let refused = match (&found, session.store_id) {
        (None, _) => Some(Kind::NotFound),
        (Some(_), None) => None,
        (Some(invite), own) if invite.store_id != own => Some(Kind::NotFound),
        // A manager makes invites for staff, and takes back no other.
        (Some(invite), _) => (invite.role != Role::StoreStaff).then_some(Kind::NotAllowed),
    };
    if let Some(refused) = refused {
        tx.rollback().await?;
        return Err(refused.into());
    }
    if invites::revoke(&mut tx, *invite_id).await? {
        let act = Act::new(Some(session.user_id), Action::InviteRevoked, "");
        admin_actions::write(&mut tx, OnKind::Invite, invite_id.0, act).await?;
        tx.commit().await?;
        return Ok(HttpResponse::NoContent().finish());
    }
    let now = invites::by_id(&mut tx, *invite_id).await?;
    tx.rollback().await?;
    // Asked twice, it is revoked once.
    if now.is_some_and(|invite| invite.state == InviteState::Revoked) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let words = Words::fixed("邀请码已经用过。要停用就停用那个账号。", "It was used. Disable the user instead.");
    Err(Problem::new(Kind::WrongState).detail(words))
}
