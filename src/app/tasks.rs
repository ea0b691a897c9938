//! The one place that spawns long-lived tasks: every one has a name, is tracked, and a panic in it is seen.

use std::future::Future;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    /// Asks every task to finish what it holds and end.
    pub stop: CancellationToken,
}

impl Tasks {
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a task to its end. A task that ends or panics before it was asked to is a fault of ours: it is logged and
    /// counted, and the node stops, because half a node is worse than none.
    #[expect(clippy::disallowed_methods, reason = "this is the function that the lint points to")]
    pub fn spawn_named(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tracker.spawn(async move {
            let ended = tokio::spawn(task.instrument(tracing::info_span!("task", name))).await;
            if let Err(error) = &ended {
                metrics::counter!("task_panics_total", "task" => name).increment(1);
                tracing::error!(name, %error, "a task broke off");
            } else if !stop.is_cancelled() {
                tracing::error!(name, "a task ended before it was asked to");
            }
            if !stop.is_cancelled() {
                stop.cancel();
            }
        });
    }

    /// Waits until every task has ended; call after `stop` was cancelled.
    pub async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Runs one socket's session on the worker that accepted it. Sessions are many and end by themselves; the hub counts
/// them and sends them away when the node goes.
#[expect(clippy::disallowed_methods, reason = "sessions live on their worker, which only this function can reach")]
pub fn spawn_session(session: impl Future<Output = ()> + 'static) {
    actix_web::rt::spawn(session);
}
