//! What the role of a node may do to the books, and whether it could take the books' own guards away.

use super::Result;
use sqlx::PgConnection;

/// Gives a role that owns nothing what a node needs: everything but to change what was decided.
pub async fn grant(db: &mut PgConnection, role: &str) -> Result<()> {
    sqlx::query("select grant_app_rights(quote_ident($1)::regrole)").bind(role).execute(db).await.map(|_| ())
}

/// Whether we are signed in as somebody who could drop the triggers that keep decisions as they are.
pub async fn owns_the_books(db: &mut PgConnection) -> Result<bool> {
    sqlx::query_scalar(
        "select pg_has_role(current_user, relowner, 'usage')
           from pg_class
          where oid = 'round_events'::regclass",
    )
    .fetch_one(db)
    .await
}
