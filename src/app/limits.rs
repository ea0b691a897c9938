//! How often somebody may ask: by user, and who shows no good token by address, sign-ins less often than the rest. Beyond
//! it the answer is 429 with a time.

use super::{address, guests::Guest};
use crate::{
    api::{
        doors,
        problem::{Kind, Problem},
    },
    auth::Tokens,
    config,
    domain::{ids::UserId, lang::Lang},
};
use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web,
};
use governor::{Quota, RateLimiter, clock::Clock, clock::DefaultClock, state::keyed::DefaultKeyedStateStore};
use std::{hash::Hash, net::IpAddr, num::NonZeroU32};

/// Longer addresses are nobody's: ours have some hundred bytes.
const URI_BYTES_MAX: usize = 8 * 1024;
/// A page that opens asks for several things at once.
const BURST_SECONDS: u32 = 5;

/// Of one address: a shop's phones renew more often than they sign in.
const RENEWALS_PER_SIGN_IN: u32 = 5;

type Buckets<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock>;

pub(super) struct Limits {
    proxies: Vec<IpAddr>,
    tokens: Tokens,
    sign_ins: Buckets<IpAddr>,
    renewals: Buckets<IpAddr>,
    users: Buckets<UserId>,
    guests: Buckets<IpAddr>,
}

impl Limits {
    pub(super) fn new(settings: &config::Http, tokens: Tokens) -> Self {
        let some = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let a_second = |n: u32| Quota::per_second(some(n)).allow_burst(some(n.saturating_mul(BURST_SECONDS)));
        Self {
            proxies: settings.proxies.clone(),
            tokens,
            sign_ins: RateLimiter::keyed(Quota::per_minute(some(settings.sign_ins_per_minute))),
            renewals: RateLimiter::keyed(Quota::per_minute(some(
                settings.sign_ins_per_minute.saturating_mul(RENEWALS_PER_SIGN_IN),
            ))),
            users: RateLimiter::keyed(a_second(settings.user_requests_per_s)),
            guests: RateLimiter::keyed(a_second(settings.guest_requests_per_s)),
        }
    }

    fn judge(&self, request: &ServiceRequest) -> Result<(), Problem> {
        let uri = request.uri();
        if uri.path().len() + uri.query().map_or(0, str::len) > URI_BYTES_MAX {
            return Err(Kind::UriTooLong.into());
        }
        let user = self.user(request);
        if let (Some(user_id), Some(guest)) = (user, request.conn_data::<Guest>())
            && !guest.becomes(user_id)
        {
            return Err(Problem::new(Kind::TooManyRequests).retry_after(1_000).ending());
        }
        let address = self.address(request).map(address::counted_as);
        if let Some(address) = &address
            && request.method() == Method::POST
            // As the router reads it: `%6Cogin` is `login`.
            && doors::is_open("POST", request.match_info().as_str())
        {
            // Who has signed in goes on although a neighbour at the same address tries passwords.
            let path = request.match_info().as_str();
            if path.ends_with("/auth/refresh") || path.ends_with("/auth/logout") {
                take(&self.renewals, "renewals", address)?;
            } else {
                take(&self.sign_ins, "sign_ins", address)?;
            }
        }
        match (user, &address) {
            (Some(user_id), _) => take(&self.users, "users", &user_id),
            (None, Some(address)) => take(&self.guests, "guests", address),
            (None, None) => Ok(()),
        }
    }

    /// Of a good token. A bad one is told so by whoever needs it.
    fn user(&self, request: &ServiceRequest) -> Option<UserId> {
        let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let (_, token) = value.split_once(' ')?;
        self.tokens.read(token).map(|identity| identity.user_id)
    }

    /// Where a request comes from, for the log.
    pub(super) fn address(&self, request: &ServiceRequest) -> Option<IpAddr> {
        address::address_of(request, &self.proxies)
    }

    /// Forgets those whose buckets are full again.
    pub(super) fn tidy(&self) {
        self.sign_ins.retain_recent();
        self.renewals.retain_recent();
        self.users.retain_recent();
        self.guests.retain_recent();
    }
}

fn take<K: Hash + Eq + Clone>(buckets: &Buckets<K>, limit: &'static str, key: &K) -> Result<(), Problem> {
    buckets.check_key(key).map_err(|not_until| {
        metrics::counter!("limited_total", "limit" => limit).increment(1);
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        Problem::new(Kind::TooManyRequests).retry_after(wait_ms.max(1))
    })
}

/// Lets a request through or answers it here.
pub(super) async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let judged = request.app_data::<web::Data<Limits>>().map_or(Ok(()), |limits| limits.judge(&request));
    match judged {
        Ok(()) => Ok(next.call(request).await?.map_into_left_body()),
        Err(problem) => {
            let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let response = problem.response(Lang::from_accept_language(accepted));
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}
