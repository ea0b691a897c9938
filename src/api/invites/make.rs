//! Inviting somebody. The code is shown once; the books keep its hash.

use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Int,
        words::Words,
    },
    auth::{May, Session, invite, may},
    domain::{
        admin_action::{Action, OnKind},
        clock,
        ids::{InviteId, StoreId},
        role::Role,
    },
    storage::{
        Tx,
        admin_actions::{self, Act},
        invites::{self, Invite, NewInvite},
        user_edit,
    },
};
use actix_web::{HttpResponse, post, web};
use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Up to thirty days.
type Hours = Int<1, 720>;
/// A week.
const HOURS_DEFAULT: i64 = 168;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Make {
    role: Role,
    /// Of store people. A store manager may leave it out: it is the own store.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    store_id: Option<StoreId>,
    /// 1 to 720, a week by default.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 720)]
    expires_in_hours: Option<Hours>,
    /// Who comes with it has to be approved first.
    #[serde(default)]
    needs_approval: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct Made {
    /// Shown this once.
    code: String,
    #[serde(flatten)]
    invite: Invite,
}

/// Invite somebody
#[utoipa::path(
    tag = "users",
    request_body = Make,
    responses(
        (status = 201, body = Made),
        (status = 403, description = "a store manager invites staff of the own store", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/invites")]
pub async fn make(
    state: web::Data<ApiState>,
    session: May<may::Invite>,
    Body(said): Body<Make>,
) -> Result<HttpResponse, Problem> {
    let store_id = store_of(&session, &said)?;
    let mut tx = Tx::begin(&state.db).await?;
    if let Some(store_id) = store_id
        && user_edit::open_stores(&mut tx, &[store_id]).await?.is_empty()
    {
        tx.rollback().await?;
        let words = Words::fixed("没有这家门店，或已关店。", "There is no such store, or it is closed.");
        return Err(Problem::invalid("/store_id", words));
    }
    let code = invite::fresh();
    let hours = said.expires_in_hours.map_or(HOURS_DEFAULT, Hours::get);
    let new = NewInvite {
        invite_id: InviteId::new(),
        code_hash: invite::hash_of(&code).ok_or(Kind::Internal)?,
        role: said.role,
        store_id,
        needs_approval: said.needs_approval,
        created_by: session.user_id,
        expires_at: clock::now() + Duration::hours(hours),
    };
    invites::insert(&mut tx, &new).await?;
    let after = json!({"role": new.role, "store_id": store_id, "needs_approval": new.needs_approval, "hours": hours});
    let act = Act::new(Some(session.user_id), Action::InviteMade, "").after(after);
    admin_actions::write(&mut tx, OnKind::Invite, new.invite_id.0, act).await?;
    let invite = invites::by_id(&mut tx, new.invite_id).await?.ok_or(Kind::Internal)?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(Made { code, invite }))
}

/// The store that is invited into.
fn store_of(session: &Session, said: &Make) -> Result<Option<StoreId>, Problem> {
    if let Some(own) = session.store_id {
        let staff_of_own = said.role == Role::StoreStaff && said.store_id.is_none_or(|store| store == own);
        return if staff_of_own { Ok(Some(own)) } else { Err(Kind::NotAllowed.into()) };
    }
    match (said.role.is_of_a_store(), said.store_id) {
        (true, None) => Err(Problem::invalid("/store_id", Words::fixed("请选门店。", "Name the store."))),
        (false, Some(_)) => {
            Err(Problem::invalid("/store_id", Words::fixed("这个岗位没有门店。", "This role has no store.")))
        }
        (_, store_id) => Ok(store_id),
    }
}
