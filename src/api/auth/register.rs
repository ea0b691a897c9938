//! Coming in with an invite: its code gives role and store, the newcomer a login, a name and a password.

use super::{
    channel::{self, Code},
    new_password,
};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        values::{Text, secret},
        words::Words,
    },
    auth::invite,
    domain::{
        account::{self, UserStatus},
        admin_action::Action,
        ids::UserId,
        provider::Provider,
    },
    storage::{
        Tx,
        admin_actions::Act,
        invites,
        user_edit::{self, NewUser},
        user_list::{self, UserItem},
        users,
    },
};
use actix_web::{HttpResponse, post, web};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Case, dashes and spaces do not matter.
    #[schema(value_type = String, max_length = 40)]
    code: Text<40>,
    /// 3 to 64 of `a–z 0–9 . _ @ -`.
    #[schema(value_type = String, max_length = 64)]
    login: Text<64>,
    #[schema(value_type = String, max_length = 60)]
    name: Text<60>,
    /// At least 10 characters.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    password: SecretString,
    /// Of the mini-program: the new account is bound to this WeChat at once.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 512)]
    wechat_code: Option<Code>,
}

/// Register with an invite
#[utoipa::path(
    tag = "auth",
    request_body = Register,
    responses(
        (status = 201, body = UserItem, description = "`active`: sign in now; `pending`: somebody has to approve first"),
        (status = 401, description = "`wechat_code_invalid`", body = ProblemBody),
        (status = 403, description = "`wechat_user_blocked`", body = ProblemBody),
        (status = 404, description = "`not_configured`: no WeChat here", body = ProblemBody),
        (status = 409, description = "`login_taken`, `wechat_taken`", body = ProblemBody),
        (status = 422, description = "`bad_invite`, `invalid`", body = ProblemBody),
    ),
)]
#[post("/auth/register")]
pub async fn register(state: web::Data<ApiState>, Body(said): Body<Register>) -> Result<HttpResponse, Problem> {
    let login = said.login.as_str();
    check_login("/login", login)?;
    new_password::check("/password", &said.password, login, None)?;
    let code_hash = invite::hash_of(said.code.as_str()).ok_or(Kind::BadInvite)?;
    let mut db = state.connection().await?;
    let good = invites::good(&mut db, &code_hash).await?.ok_or(Kind::BadInvite)?;
    drop(db);
    let openid = match &said.wechat_code {
        Some(code) => Some(channel::subject(&state, Provider::Wechat, code).await?),
        None => None,
    };
    let password_hash = state.passwords.hashed(said.password).await?;

    let user_id = UserId::new();
    let status = if good.needs_approval { UserStatus::Pending } else { UserStatus::Active };
    let (name, role, store_id) = (said.name.as_str(), good.role, good.store_id);
    let new = NewUser { user_id, login, password_hash: &password_hash, name, role, store_id, status };
    let mut tx = Tx::begin(&state.db).await?;
    if !user_edit::insert(&mut tx, &new).await? {
        tx.rollback().await?;
        return Err(Kind::LoginTaken.into());
    }
    // Whoever invites may have been sent away while the password was hashed.
    let still_good = invites::good(&mut tx, &code_hash).await?.is_some();
    if !still_good || !invites::take(&mut tx, good.invite_id, user_id).await? {
        tx.rollback().await?;
        return Err(Kind::BadInvite.into());
    }
    let after = json!({"invite_id": good.invite_id, "role": role, "store_id": store_id, "status": status});
    users::noted(&mut tx, user_id, Act::new(Some(user_id), Action::Registered, "").after(after)).await?;
    if let Some(openid) = openid
        && let Err(problem) = channel::write(&mut tx, user_id, Provider::Wechat, &openid).await
    {
        tx.rollback().await?;
        return Err(problem);
    }
    let item = user_list::by_id(&mut tx, user_id).await?.ok_or(Kind::Internal)?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(item))
}

/// Refuses a login that people would ask each other how to write.
pub fn check_login(pointer: &str, login: &str) -> Result<(), Problem> {
    if account::is_login(login) {
        return Ok(());
    }
    let words = Words::fixed(
        "账号用 3 到 64 个小写字母、数字或 . _ @ -。",
        "A login has 3 to 64 lower-case letters, digits or . _ @ -.",
    );
    Err(Problem::invalid(pointer, words))
}
