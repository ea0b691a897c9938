//! After a user was changed: the answer waits until the change is felt where claims are decided.

use crate::{api::state::ApiState, hot::HotPool, storage::auth_versions::Changed};
use std::time::{Duration, Instant};

/// The pool's writer applies effects within some 100 ms. After this long Redis or the writer is away; whoever decides
/// again then has applied the change first, or was built from books that hold it.
const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// For acts that answer in any case: whoever could not be waited for is in our log.
pub async fn felt(state: &ApiState, changed: Option<Changed>) {
    if let Some(changed) = changed {
        is_felt(state, &changed).await;
    }
}

/// Call it when the transaction of `users::changed` has committed. This node refuses the user's older
/// tokens at once, the others with their next look into the outbox. True: no claim of an older session is decided any
/// more. False: the change stands in the books, and Redis did not confirm it in time.
pub async fn is_felt(state: &ApiState, changed: &Changed) -> bool {
    state.tokens.versions().raise(changed.user_id, changed.auth_version);
    let until = Instant::now() + PATIENCE;
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
