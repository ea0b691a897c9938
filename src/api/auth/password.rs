//! Choosing another password. Every other device is signed out; this one goes on with new tokens.

use super::{
    guess::{self, Guess},
    new_password,
    signed_in::{SignedIn, label_of, signed_in},
};
use crate::{
    api::{
        body::Body,
        problem::{Kind, Problem, ProblemBody},
        state::ApiState,
        users::changed,
        values::secret,
        words::Words,
    },
    auth::{Newcomer, refresh},
    domain::{admin_action::Action, clock, ids::SignInId},
    storage::{
        Tx,
        admin_actions::Act,
        sign_ins::{self, EndedWhy, NewSignIn},
        user_edit, users,
    },
};
use actix_web::{HttpRequest, post, web};
use secrecy::SecretString;
use serde::Deserialize;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    current: SecretString,
    /// At least 10 characters, not the login, not the current one.
    #[serde(deserialize_with = "secret")]
    #[schema(value_type = String)]
    new: SecretString,
}

/// Change my password
#[utoipa::path(
    tag = "auth",
    request_body = Change,
    responses(
        (status = 200, body = SignedIn),
        (status = 401, body = ProblemBody),
        (status = 422, description = "`/current` is wrong, or `/new` not good enough", body = ProblemBody),
        (status = 423, description = "`locked`", body = ProblemBody),
    ),
)]
#[post("/auth/password")]
pub async fn password(
    state: web::Data<ApiState>,
    req: HttpRequest,
    Newcomer(holder): Newcomer,
    Body(said): Body<Change>,
) -> Result<web::Json<SignedIn>, Problem> {
    let (user_id, store_id) = (holder.session.user_id, holder.session.store_id);
    let user = users::by_id(&mut *state.connection().await?, user_id, store_id).await?.ok_or(Kind::SignIn)?;
    new_password::check("/new", &said.new, &user.login, Some(&said.current))?;
    let known = async |db: &mut sqlx::PgConnection| users::credentials_of(db, user_id).await;
    let Guess::Right(known, counted) = guess::check(&state, &user.login, known, said.current).await? else {
        let words = Words::fixed("当前密码不对。", "That is not the current password.");
        return Err(Problem::invalid("/current", words));
    };
    let hash = state.passwords.hashed(said.new).await?;

    let mut tx = Tx::begin(&state.db).await?;
    let held = user_edit::hold(&mut tx, user_id).await?;
    // Somebody may have reset the password, or sent the user away, while this one was checked.
    if held.is_none() || !users::hold(&mut tx, &known).await? {
        tx.rollback().await?;
        return Err(Kind::SignIn.into());
    }
    counted.right(&mut tx).await?;
    user_edit::set_password(&mut tx, user_id, &hash, false).await?;
    sign_ins::end_all(&mut tx, user_id, holder.terms.sign_in_id, EndedWhy::Password).await?;
    let now = clock::now();
    let renewed = match holder.terms.sign_in_id {
        Some(id) => refresh::renew(&mut tx, user_id, id, state.refresh, now).await?.map(|token| (id, token)),
        None => None,
    };
    let (sign_in_id, token) = match renewed {
        Some(renewed) => renewed,
        // The device signed out meanwhile; whoever knows the password is signed in anew.
        None => {
            let sign_in_id = SignInId::new();
            let new = NewSignIn { sign_in_id, user_id, store_id, label: &label_of(&req) };
            (sign_in_id, refresh::begin(&mut tx, &new, state.refresh, now).await?)
        }
    };
    let act = Act::new(Some(user_id), Action::PasswordChanged, "");
    let changed = users::changed(&mut tx, user_id, act).await?;
    let user = users::by_id(&mut tx, user_id, store_id).await?.ok_or(Kind::SignIn)?;
    tx.commit().await?;
    changed::felt(&state, changed).await;
    signed_in(&state, user, sign_in_id, token).map(web::Json)
}
