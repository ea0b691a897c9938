//! While nobody administrates, the log says how to become the administrator.

use crate::{
    auth::Tokens,
    storage::{self, Db, first_start},
};
use secrecy::ExposeSecret;

/// The one place that shows the setup token. Whoever reads this log runs the server anyway.
pub async fn tell(db: &Db, tokens: &Tokens) -> storage::Result<()> {
    if !first_start::has_admin(&mut *db.0.acquire().await?).await? {
        let setup_token = tokens.setup_token().expose_secret();
        tracing::warn!(
            setup_token,
            "nobody administrates yet: open /console/ and enter this token, or run graborder create-admin"
        );
    }
    Ok(())
}
