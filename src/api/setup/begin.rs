//! Creating the first administrator, and with them the chain.

use crate::{
    api::{
        auth::{new_password, register::check_login},
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::{Text, secret},
        words::Words,
    },
    storage::{
        Tx, first_start,
        user_list::{self, UserItem},
    },
};
use actix_web::{HttpResponse, post, web};
use secrecy::SecretString;
use serde::Deserialize;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// From the server's log.
    #[schema(value_type = String, max_length = 128)]
    token: Text<128>,
    /// 3 to 64 of `a–z 0–9 . _ @ -`.
    #[schema(value_type = String, max_length = 64)]
    login: Text<64>,
    #[schema(value_type = String, max_length = 60)]
    name: Text<60>,
    /// At least 10 characters.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    password: SecretString,
    /// How screens name the chain; it can only be given here.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 60)]
    chain_name: Option<Text<60>>,
}

/// Create the first administrator
#[utoipa::path(
    tag = "setup",
    request_body = Begin,
    responses(
        (status = 201, body = UserItem),
        (status = 403, description = "`bad_setup_token`", body = ProblemBody),
        (status = 409, description = "`wrong_state`: there is one; `login_taken`", body = ProblemBody),
        (status = 422, body = ProblemBody),
    ),
)]
#[post("/setup")]
pub async fn begin(state: web::Data<ApiState>, Body(said): Body<Begin>) -> Result<HttpResponse, Problem> {
    let login = said.login.as_str();
    check_login("/login", login)?;
    new_password::check("/password", &said.password, login, None)?;
    if !state.tokens.is_setup_token(said.token.as_str()) {
        return Err(Kind::BadSetupToken.into());
    }
    let hash = state.passwords.hashed(said.password).await?;
    let mut tx = Tx::begin(&state.db).await?;
    first_start::lock(&mut tx).await?;
    if first_start::has_admin(&mut tx).await? {
        tx.rollback().await?;
        let words = Words::fixed("管理员已经有了。直接登录。", "There is an administrator already. Sign in.");
        return Err(Problem::new(Kind::WrongState).detail(words));
    }
    let chain_name = said.chain_name.as_ref().map_or("graborder", Text::as_str);
    let made = first_start::make_admin(&mut tx, login, said.name.as_str(), &hash, chain_name).await?;
    let Some(user_id) = made else {
        tx.rollback().await?;
        return Err(Kind::LoginTaken.into());
    };
    let item = user_list::by_id(&mut tx, user_id).await?.ok_or(Kind::Internal)?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(item))
}
