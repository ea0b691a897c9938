//! What the doors by WeChat and by WeCom share: asking who is behind a code, letting them in, binding and unbinding.

use super::{enter::enter, signed_in::SignedIn};
use crate::{
    api::{
        problem::{Kind, Problem},
        state::ApiState,
        users::changed,
        values::Text,
        words::Words,
    },
    auth::{Holder, refresh},
    channels::{Fault, fault},
    domain::{
        account::UserStatus,
        admin_action::Action,
        clock,
        ids::{StoreId, UserId},
        provider::Provider,
    },
    storage::{
        Tx,
        admin_actions::Act,
        identities::{self, Binding},
        sign_ins::{self, EndedWhy},
        user_edit, users,
    },
};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

/// Longer than any code of theirs.
pub type Code = Text<512>;

/// A code that their page or mini-program got.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Good once, for minutes.
    #[schema(value_type = String, max_length = 512)]
    pub code: Code,
    /// The device's current one: an access token alone must not become a lasting sign-in.
    #[schema(value_type = String, max_length = 256)]
    pub refresh_token: Text<256>,
}

/// A code, to sign in.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Knock {
    /// Good once, for minutes.
    #[schema(value_type = String, max_length = 512)]
    pub code: Code,
    /// Which of their stores somebody with several acts for; without it their first one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub store_id: Option<StoreId>,
}

/// Whom the other house names.
pub async fn subject(state: &ApiState, provider: Provider, code: &Code) -> Result<String, Problem> {
    let asked = match provider {
        Provider::Wechat => match &state.channels.wechat {
            Some(wechat) => wechat.openid(code.as_str()).await.map(Some),
            None => return Err(Kind::NotConfigured.into()),
        },
        Provider::Wecom => match &state.channels.wecom {
            Some(wecom) => wecom.member(code.as_str()).await,
            None => return Err(Kind::NotConfigured.into()),
        },
    };
    match asked {
        Ok(Some(subject)) => Ok(subject),
        // Of WeCom: somebody who is no member of the corporation has no account here either.
        Ok(None) => Err(Kind::Unbound(provider).into()),
        Err(fault) => Err(problem(provider, fault)),
    }
}

fn problem(provider: Provider, fault: Fault) -> Problem {
    /// Their limits count by the minute.
    const TOO_OFTEN_MS: i64 = 60_000;
    const AWAY_MS: i64 = 2_000;
    match fault {
        Fault::Code(code) if fault::BAD_CODE.contains(&code) => Kind::CodeInvalid(provider).into(),
        Fault::Code(fault::BLOCKED) => Kind::Blocked.into(),
        Fault::Code(code) if fault::TOO_OFTEN.contains(&code) => {
            Problem::new(Kind::TooManyRequests).retry_after(TOO_OFTEN_MS)
        }
        Fault::Busy => Problem::new(Kind::Overloaded).retry_after(AWAY_MS).because(fault),
        fault => Problem::new(Kind::ChannelAway).retry_after(AWAY_MS).because(fault),
    }
}

/// Signs in whoever is bound to the person of the other house.
pub async fn knock(state: &ApiState, req: &HttpRequest, provider: Provider, said: Knock) -> Result<SignedIn, Problem> {
    let subject = subject(state, provider, &said.code).await?;
    let mut tx = Tx::begin(&state.db).await?;
    let refused = match identities::hold(&mut tx, provider, &subject).await? {
        Some((user_id, UserStatus::Active)) => return enter(state, req, tx, user_id, said.store_id).await,
        Some((_, UserStatus::Pending)) => Kind::Pending.into(),
        Some((_, UserStatus::Disabled)) => {
            let words = Words::fixed(
                "这个账号停用了。找店长或总部。",
                "This account is disabled. Ask your manager or headquarters.",
            );
            Problem::new(Kind::BadLogin).detail(words)
        }
        None => Kind::Unbound(provider).into(),
    };
    tx.rollback().await?;
    Err(refused)
}

/// Binds one's own account: from now on the other house may say that it is you.
pub async fn bind(
    state: &ApiState,
    holder: &Holder,
    provider: Provider,
    said: &Proof,
) -> Result<HttpResponse, Problem> {
    let session = &holder.session;
    let sign_in_id = holder.terms.sign_in_id.ok_or(Kind::SignIn)?;
    let mut db = state.connection().await?;
    let current = refresh::is_current(&mut db, said.refresh_token.as_str(), sign_in_id, clock::now()).await?;
    drop(db);
    if !current {
        return Err(Kind::SignIn.into());
    }
    let subject = subject(state, provider, &said.code).await?;
    let mut tx = Tx::begin(&state.db).await?;
    if user_edit::hold(&mut tx, session.user_id).await?.is_none_or(|user| user.status != UserStatus::Active) {
        tx.rollback().await?;
        return Err(Kind::SignIn.into());
    }
    match write(&mut tx, session.user_id, provider, &subject).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(HttpResponse::NoContent().finish())
        }
        Err(problem) => {
            tx.rollback().await?;
            Err(problem)
        }
    }
}

/// Writes a binding and that it was made. The user's row is held, or new. After an error the transaction has to end.
pub async fn write(tx: &mut Tx, user_id: UserId, provider: Provider, subject: &str) -> Result<(), Problem> {
    match identities::bind(tx, user_id, provider, subject).await? {
        Binding::New => {
            let act = Act::new(Some(user_id), Action::IdentityBound, "").after(json!({ "provider": provider }));
            Ok(users::noted(tx, user_id, act).await?)
        }
        Binding::Known => Ok(()),
        Binding::Taken => Err(Kind::Taken(provider).into()),
    }
}

/// Also while the channel is off: whoever bound something can take it back. Other devices are signed out: they may have come
/// in that way.
pub async fn unbind(state: &ApiState, holder: &Holder, provider: Provider) -> Result<HttpResponse, Problem> {
    let user_id = holder.session.user_id;
    let mut tx = Tx::begin(&state.db).await?;
    user_edit::hold(&mut tx, user_id).await?;
    if !identities::unbind(&mut tx, user_id, provider).await? {
        tx.rollback().await?;
        return Err(Kind::NotFound.into());
    }
    let act = Act::new(Some(user_id), Action::IdentityUnbound, "").after(json!({ "provider": provider }));
    sign_ins::end_all(&mut tx, user_id, holder.terms.sign_in_id, EndedWhy::Removed).await?;
    let changed = users::changed(&mut tx, user_id, act).await?;
    tx.commit().await?;
    Ok(changed::bare_answer(state, changed).await)
}
