//! Signing in with login and password.

use super::{
    guess::{self, Guess},
    signed_in::{SignedIn, label_of, signed_in},
};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::{Text, secret},
        words::Words,
    },
    auth::refresh,
    domain::{
        account::UserStatus,
        clock,
        ids::{SignInId, StoreId},
    },
    storage::{Tx, sign_ins::NewSignIn, users},
};
use actix_web::{HttpRequest, post, web};
use secrecy::SecretString;
use serde::Deserialize;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    #[schema(value_type = String, max_length = 64)]
    login: Text<64>,
    /// 1 to 128 bytes.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    password: SecretString,
    /// Which of their stores somebody with several acts for; without it their first one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    store_id: Option<StoreId>,
}

/// Sign in
#[utoipa::path(
    tag = "auth",
    request_body = Login,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, description = "`bad_login`", body = ProblemBody),
        (status = 403, description = "`pending`: nobody approved the account yet", body = ProblemBody),
        (status = 422, body = ProblemBody),
        (status = 423, description = "`locked`: five wrong passwords within a quarter of an hour", body = ProblemBody),
    ),
)]
#[post("/auth/login")]
pub async fn login(
    state: web::Data<ApiState>,
    req: HttpRequest,
    Body(said): Body<Login>,
) -> Result<web::Json<SignedIn>, Problem> {
    let login = said.login.as_str();
    let known = async |db: &mut sqlx::PgConnection| users::credentials(db, login).await;
    let Guess::Right(known, counted) = guess::check(&state, login, known, said.password).await? else {
        return Err(Kind::BadLogin.into());
    };
    let mut tx = Tx::begin(&state.db).await?;
    if known.status == UserStatus::Pending {
        counted.right(&mut tx).await?;
        tx.commit().await?;
        return Err(Kind::Pending.into());
    }
    // From here on nobody takes the account away unseen: what ends its sign-ins waits, and then ends this one too.
    let held = users::hold(&mut tx, &known).await?;
    let user = if held { users::by_id(&mut tx, known.user_id, said.store_id).await? } else { None };
    let Some(user) = user else {
        tx.rollback().await?;
        return Err(Kind::BadLogin.into());
    };
    counted.right(&mut tx).await?;
    let store_id = user.store.as_ref().map(|store| store.store_id);
    if said.store_id.is_some() && said.store_id != store_id {
        tx.commit().await?;
        let words = Words::fixed("这不是你的门店。", "This is not a store of yours.");
        return Err(Problem::invalid("/store_id", words));
    }
    let sign_in_id = SignInId::new();
    let new = NewSignIn { sign_in_id, user_id: user.user_id, store_id, label: &label_of(&req) };
    let token = refresh::begin(&mut tx, &new, state.refresh, clock::now()).await?;
    tx.commit().await?;
    signed_in(&state, user, sign_in_id, token).map(web::Json)
}
