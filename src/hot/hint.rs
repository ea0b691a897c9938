//! Hints that the outbox has grown: published after a commit, heard by the followers of the pool. A hint only saves waiting;
//! whoever follows also looks by itself, so a lost one costs a moment and nothing else.

use super::{HotError, HotPool, Messages};

impl HotPool {
    pub async fn hint(&self, number: i64) -> Result<(), HotError> {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.keys.hint()).arg(number);
        self.hot.link.call(&publish).await.map(|_| ())
    }

    /// The newest numbers.
    pub fn hints(&self) -> Messages<i64> {
        Messages::new(self.hot.client.clone(), self.keys.hint())
    }
}
