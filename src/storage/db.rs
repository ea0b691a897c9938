//! The connection pool, set up so that a stuck statement cannot hold a lock for long.

use super::Result;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

/// The oldest that its makers still mend.
const VERSION_MIN: i32 = 140_000;

/// Said at the start, not by a statement that fails in mid-round.
fn is_new_enough(version: i32) -> Result<()> {
    if version >= VERSION_MIN {
        return Ok(());
    }
    let major = version / 10_000;
    Err(sqlx::Error::Configuration(format!("Postgres {major} is too old: 14 or newer is needed").into()))
}

#[derive(Clone, Debug)]
pub struct Db(pub PgPool);

impl Db {
    /// `connections` are opened at once and kept: churn under load costs more than idle connections.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("graborder").options([
            ("statement_timeout", "5s"),
            ("lock_timeout", "2s"),
            ("idle_in_transaction_session_timeout", "10s"),
            ("synchronous_commit", "on"),
            ("timezone", "UTC"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .min_connections(connections)
            .acquire_timeout(Duration::from_secs(2))
            .max_lifetime(Duration::from_secs(300))
            .connect_with(options)
            .await?;
        let version: i32 =
            sqlx::query_scalar("select current_setting('server_version_num')::int").fetch_one(&pool).await?;
        is_new_enough(version)?;
        Ok(Self(pool))
    }

    /// Whether Postgres answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("select 1").execute(&self.0).await.map(|_| ())
    }

    pub async fn migrate(&self) -> std::result::Result<(), sqlx::migrate::MigrateError> {
        sqlx::migrate!("./migrations").run(&self.0).await
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_server_that_nobody_mends_any_more_is_refused() {
        assert!(super::is_new_enough(150_018).is_ok());
        assert!(super::is_new_enough(120_022).is_err_and(|error| error.to_string().contains("Postgres 12 is too old")));
    }
}
