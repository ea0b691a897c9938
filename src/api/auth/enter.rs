//! The last steps of signing in, whichever way somebody proved who they are.

use super::signed_in::{SignedIn, label_of, signed_in};
use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
        words::Words,
    },
    auth::refresh,
    domain::{
        clock,
        ids::{SignInId, StoreId, UserId},
    },
    storage::{Tx, sign_ins::NewSignIn, users},
};
use actix_web::HttpRequest;

/// Lets somebody in whose row the transaction holds. Nobody takes the account away unseen: what ends its sign-ins waits,
/// and then ends this one too.
pub async fn enter(
    state: &ApiState,
    req: &HttpRequest,
    mut tx: Tx,
    user_id: UserId,
    store_id: Option<StoreId>,
) -> Result<SignedIn, Problem> {
    let Some(user) = users::by_id(&mut tx, user_id, store_id).await? else {
        tx.rollback().await?;
        return Err(Kind::BadLogin.into());
    };
    let acts_for = user.store.as_ref().map(|store| store.store_id);
    if store_id.is_some() && store_id != acts_for {
        tx.commit().await?;
        let words = Words::fixed("这不是你的门店。", "This is not a store of yours.");
        return Err(Problem::invalid("/store_id", words));
    }
    let sign_in_id = SignInId::new();
    let new = NewSignIn { sign_in_id, user_id: user.user_id, store_id: acts_for, label: &label_of(req) };
    let token = refresh::begin(&mut tx, &new, state.refresh, clock::now()).await?;
    tx.commit().await?;
    signed_in(state, user, sign_in_id, token)
}
