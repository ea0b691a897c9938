//! Extractors: a handler that wants to know who calls must name one, and so cannot forget to ask.

use super::{
    permission::Permit,
    session::Session,
    token::{Terms, Tokens},
};
use crate::domain::ids::StoreId;
use actix_web::{FromRequest, HttpRequest, ResponseError, dev::Payload, http::StatusCode, http::header, web};
use std::{
    future::{Ready, ready},
    marker::PhantomData,
    ops::Deref,
};

/// Why somebody was turned away at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("sign in first")]
    SignIn,
    #[error("not allowed")]
    NotAllowed,
    /// The password was given by somebody else: one of one's own comes first.
    #[error("choose a password of your own first")]
    PasswordChangeNeeded,
    /// The composition root forgot the tokens: nobody gets in.
    #[error("no token keys were configured")]
    Misconfigured,
}

impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::PasswordChangeNeeded => StatusCode::FORBIDDEN,
            Self::Misconfigured => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Anyone signed in.
impl FromRequest for Session {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session_of(req))
    }
}

fn session_of(req: &HttpRequest) -> Result<Session, Denied> {
    let (session, terms) = session_and_terms(req)?;
    if terms.must_change_password { Err(Denied::PasswordChangeNeeded) } else { Ok(session) }
}

fn session_and_terms(req: &HttpRequest) -> Result<(Session, Terms), Denied> {
    let tokens = req.app_data::<web::Data<Tokens>>().ok_or(Denied::Misconfigured)?;
    let (identity, terms) = bearer(req).and_then(|token| tokens.read_with_terms(token)).ok_or(Denied::SignIn)?;
    Ok((Session(identity), terms))
}

/// Anyone signed in, with the device, for the doors to one's own account.
#[derive(Clone, Debug)]
pub struct Holder {
    pub session: Session,
    pub terms: Terms,
}

impl FromRequest for Holder {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let held = session_and_terms(req).and_then(|(session, terms)| {
            if terms.must_change_password { Err(Denied::PasswordChangeNeeded) } else { Ok(Self { session, terms }) }
        });
        ready(held)
    }
}

/// The same, also for those who have to change their password first: only the door where they do it asks for this.
#[derive(Clone, Debug)]
pub struct Newcomer(pub Holder);

impl FromRequest for Newcomer {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session_and_terms(req).map(|(session, terms)| Self(Holder { session, terms })))
    }
}

/// The one bearer token of a request: two are as bad as none, since nobody knows which one counts.
fn bearer(req: &HttpRequest) -> Option<&str> {
    let mut values = req.headers().get_all(header::AUTHORIZATION);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Somebody who may do `P`.
#[derive(Debug)]
pub struct May<P> {
    session: Session,
    _permission: PhantomData<fn() -> P>,
}

impl<P> Deref for May<P> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

impl<P: Permit> FromRequest for May<P> {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(session_of(req).and_then(|session| {
            let may = session.may(P::PERMISSION);
            may.then_some(Self { session, _permission: PhantomData }).ok_or(Denied::NotAllowed)
        }))
    }
}

/// Somebody of a store who may do `P`, for that store and no other: the store comes from here, never from the message.
#[derive(Debug)]
pub struct StoreSession<P> {
    session: Session,
    pub store_id: StoreId,
    _permission: PhantomData<fn() -> P>,
}

impl<P> Deref for StoreSession<P> {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

impl<P: Permit> FromRequest for StoreSession<P> {
    type Error = Denied;
    type Future = Ready<Result<Self, Denied>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(May::<P>::from_request(req, payload).into_inner().and_then(|May { session, .. }| {
            let store_id = session.store_id.ok_or(Denied::NotAllowed)?;
            Ok(Self { session, store_id, _permission: PhantomData })
        }))
    }
}
