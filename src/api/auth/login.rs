//! Signing in with login and password.

use super::{
    enter::enter,
    guess::{self, Guess},
    signed_in::SignedIn,
};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::{Text, secret},
    },
    domain::{account::UserStatus, ids::StoreId},
    storage::{Tx, users},
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
    if !users::hold(&mut tx, &known).await? {
        tx.rollback().await?;
        return Err(Kind::BadLogin.into());
    }
    counted.right(&mut tx).await?;
    enter(&state, &req, tx, known.user_id, said.store_id).await.map(web::Json)
}
