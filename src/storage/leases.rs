//! Who does a job that only one should do. A lease only saves work: what its holder does is safe if two do it.

use super::Result;
use sqlx::PgConnection;
use std::time::Duration;
use uuid::Uuid;

/// Takes the lease if it is free, or prolongs one's own. By the clock of Postgres, so that nodes need not agree on theirs.
pub async fn hold(conn: &mut PgConnection, name: &str, holder: Uuid, length: Duration) -> Result<bool> {
    let held: Option<Uuid> = sqlx::query_scalar(
        "insert into leases as l (name, holder, expires_at)
         values ($1, $2, now() + make_interval(secs => $3))
         on conflict (name) do update
            set holder     = excluded.holder,
                expires_at = excluded.expires_at
          where l.holder = excluded.holder
             or l.expires_at < now()
         returning holder",
    )
    .bind(name)
    .bind(holder)
    .bind(length.as_secs_f64())
    .fetch_optional(conn)
    .await?;
    Ok(held.is_some())
}

/// Lets the next one start at once, at an orderly end.
pub async fn release(conn: &mut PgConnection, name: &str, holder: Uuid) -> Result<()> {
    sqlx::query("delete from leases where name = $1 and holder = $2").bind(name).bind(holder).execute(conn).await?;
    Ok(())
}
