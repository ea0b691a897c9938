//! With which device a user grabs: one hash a pool, written by `grabbing.lua`.

use super::{HotError, HotPool, Messages, read};
use crate::domain::{
    identity::Grabbing,
    ids::{SignInId, UserId},
};

impl HotPool {
    /// With what these users grab, in their order; nothing for those who never did.
    pub async fn grabbing(&self, users: &[UserId]) -> Result<Vec<Option<Grabbing>>, HotError> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let mut get = redis::cmd("HMGET");
        get.arg(self.keys.grabbing());
        for user_id in users {
            get.arg(user_id.to_string());
        }
        let held: Vec<Option<String>> = read(self.hot.link.call(&get).await?)?;
        held.into_iter().map(|held| held.map(|text| parse(&text)).transpose()).collect()
    }

    /// Users whose device has become another one.
    pub fn grabbing_changes(&self) -> Messages<UserId> {
        Messages::new(self.hot.client.clone(), self.keys.grabbing_changes())
    }
}

fn parse(text: &str) -> Result<Grabbing, HotError> {
    let parsed = text.split_once('|').and_then(|(since, device)| {
        Some(Grabbing { since_us: since.parse().ok()?, device: device.parse::<SignInId>().ok()? })
    });
    parsed.ok_or_else(|| HotError::Corrupt("grabbing".to_owned()))
}
