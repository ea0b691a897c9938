//! Ends sessions on devices that another one has replaced, on whichever node that one came in.

use crate::{
    domain::ids::UserId,
    hot::{HotError, HotPool},
    push::Hub,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Users asked about in one call.
const AT_ONCE: usize = 500;

pub(super) async fn run(hot: HotPool, hub: Arc<Hub>, stop: CancellationToken) {
    let mut changes = hot.grabbing_changes();
    loop {
        let users = tokio::select! {
            changed = changes.next() => match changed {
                Some(user_id) => vec![user_id],
                // Something may have been missed: everybody is looked at.
                None => hub.grabbing_users(),
            },
            () = stop.cancelled() => return,
        };
        for some in users.chunks(AT_ONCE) {
            if let Err(error) = end_replaced(&hot, &hub, some).await {
                // Two phones of one clerk share their caps: it harms nobody until the next look.
                tracing::warn!(%error, "grabbing devices could not be looked up");
            }
        }
    }
}

async fn end_replaced(hot: &HotPool, hub: &Hub, users: &[UserId]) -> Result<(), HotError> {
    for (user_id, held) in users.iter().zip(hot.grabbing(users).await?) {
        if let Some(held) = held {
            hub.end_replaced(*user_id, held);
        }
    }
    Ok(())
}
