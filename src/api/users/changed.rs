//! After a user was changed: the answer waits until the change is felt where claims are decided.

use crate::{api::state::ApiState, domain::ids::PoolId, hot::HotPool, storage::auth_versions::Changed};
use actix_web::HttpResponse;
use serde::Serialize;
use std::time::{Duration, Instant};

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Call it when the transaction of `auth_versions::bump` or `sign_out` has committed. This node refuses the user's older
/// tokens at once, the others with their next look into the outbox. True: no claim of an older session is decided any
/// more. False: the change stands in the books, and Redis did not confirm it in time.
pub async fn is_felt(state: &ApiState, changed: &Changed) -> bool {
    state.tokens.versions().raise(changed.user_id, changed.auth_version);
    let until = Instant::now() + state.felt_within;
    for (pool, number) in &changed.effects {
        let hot = state.hot.pool(pool);
        if let Err(error) = hot.hint(*number).await {
            tracing::debug!(%error, "a hint was not sent; nodes poll");
        }
        if !is_applied(&hot, *number, until).await {
            tracing::warn!(%pool, number, user_id = %changed.user_id, "Redis has not applied the change of a user in time");
            return false;
        }
    }
    true
}

/// The answer to a change: 200 once it is felt, 202 while it only stands in the books. `None`: nothing was changed.
pub async fn answer(state: &ApiState, changed: Option<Changed>, body: impl Serialize) -> HttpResponse {
    if felt(state, changed).await { HttpResponse::Ok().json(body) } else { HttpResponse::Accepted().json(body) }
}

/// The same without a body: 204 or 202.
pub async fn bare_answer(state: &ApiState, changed: Option<Changed>) -> HttpResponse {
    if felt(state, changed).await { HttpResponse::NoContent().finish() } else { HttpResponse::Accepted().finish() }
}

/// Waits until a change is felt, or says that Redis did not confirm it in time.
pub async fn felt(state: &ApiState, changed: Option<Changed>) -> bool {
    match changed {
        Some(changed) => is_felt(state, &changed).await,
        None => true,
    }
}

/// Whether Redis has applied an effect in time.
pub async fn is_effect_felt(state: &ApiState, pool: &PoolId, number: i64) -> bool {
    let hot = state.hot.pool(pool);
    if let Err(error) = hot.hint(number).await {
        tracing::debug!(%error, "a hint was not sent; nodes poll");
    }
    is_applied(&hot, number, Instant::now() + state.felt_within).await
}

async fn is_applied(hot: &HotPool, number: i64, until: Instant) -> bool {
    loop {
        // Redis may be away for a moment; what it has applied stands in it, whichever process it is by now.
        let applied_no = hot.head().await.map_or(0, |head| head.applied_no);
        if applied_no >= number {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
