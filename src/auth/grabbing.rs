//! One grabbing device a user: whoever opens a socket for a store on another device ends the sessions on the one before.

use crate::{
    domain::identity::{Grabbing, Identity},
    hot::Hot,
};

/// Cheap to clone.
#[derive(Clone)]
pub struct GrabbingDevices(Hot);

impl GrabbingDevices {
    pub fn new(hot: Hot) -> Self {
        Self(hot)
    }

    /// Makes the caller's device the one. `None`: headquarters, who grab nothing, or Redis is away: then nobody is sent away,
    /// and the next socket settles it.
    pub async fn take(&self, who: &Identity) -> Option<Grabbing> {
        let device = who.device.filter(|_| who.store_id.is_some())?;
        match self.0.pool(&who.pool).grab_with(who.user_id, device).await {
            Ok(since_us) => Some(Grabbing { device, since_us }),
            Err(error) => {
                tracing::warn!(%error, user_id = %who.user_id, "a grabbing device could not be noted");
                None
            }
        }
    }

    /// Whether another device has taken its place meanwhile.
    pub async fn is_replaced(&self, who: &Identity, own: Grabbing) -> bool {
        match self.0.pool(&who.pool).grabbing(&[who.user_id]).await {
            Ok(held) => held.into_iter().flatten().any(|held| own.is_replaced_by(held)),
            Err(error) => {
                tracing::warn!(%error, user_id = %who.user_id, "a grabbing device could not be looked up");
                false
            }
        }
    }
}
