//! Acting for another of one's stores, on this device.

use super::signed_in::{SignedIn, signed_in};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::Text,
    },
    auth::{Holder, refresh},
    domain::{clock, ids::StoreId},
    storage::{Tx, sign_ins, users},
};
use actix_web::{post, web};
use serde::Deserialize;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    store_id: StoreId,
    /// The device's current one: an access token alone must not become a lasting sign-in.
    #[schema(value_type = String)]
    refresh_token: Text<256>,
}

/// Act for another store
#[utoipa::path(
    tag = "auth",
    request_body = Switch,
    responses(
        (status = 200, body = SignedIn, description = "New tokens; a socket has to be opened anew"),
        (status = 401, body = ProblemBody),
        (status = 404, description = "no store of theirs", body = ProblemBody),
    ),
)]
#[post("/auth/store")]
pub async fn store(
    state: web::Data<ApiState>,
    holder: Holder,
    Body(said): Body<Switch>,
) -> Result<web::Json<SignedIn>, Problem> {
    let sign_in_id = holder.terms.sign_in_id.ok_or(Kind::SignIn)?;
    let mut tx = Tx::begin(&state.db).await?;
    let user = users::by_id(&mut tx, holder.session.user_id, Some(said.store_id)).await?;
    let theirs = user.filter(|user| user.store.as_ref().is_some_and(|store| store.store_id == said.store_id));
    let Some(user) = theirs else {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    };
    let now = clock::now();
    if !refresh::is_current(&mut tx, said.refresh_token.as_str(), sign_in_id, now).await? {
        tx.rollback().await?;
        return Err(Kind::SignIn.into());
    }
    let Some(token) = refresh::renew(&mut tx, user.user_id, sign_in_id, state.refresh, now).await? else {
        tx.rollback().await?;
        return Err(Kind::SignIn.into());
    };
    sign_ins::act_for(&mut tx, sign_in_id, said.store_id).await?;
    tx.commit().await?;
    signed_in(&state, user, sign_in_id, token).map(web::Json)
}
