//! A transaction that may be dropped at any moment: a request's future ends when its client hangs up.
//!
//! sqlx 0.9 gives a connection back to its pool with an open transaction when the future of `begin` is dropped, and the
//! next user of that connection then commits nothing. Here an unfinished transaction closes its connection instead.

use super::{Db, Result};
use sqlx::{PgConnection, Postgres, pool::PoolConnection};
use std::ops::{Deref, DerefMut};

#[derive(Debug)]
pub struct Tx {
    connection: PoolConnection<Postgres>,
    finished: bool,
}

impl Tx {
    pub async fn begin(db: &Db) -> Result<Self> {
        let mut tx = Self { connection: db.0.acquire().await?, finished: false };
        sqlx::query("begin").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// An error leaves it unknown whether the commit happened: whoever asked asks again, and is told what stands.
    pub async fn commit(mut self) -> Result<()> {
        sqlx::query("commit").execute(&mut *self).await?;
        self.finished = true;
        Ok(())
    }

    pub async fn rollback(mut self) -> Result<()> {
        sqlx::query("rollback").execute(&mut *self).await?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.finished {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Tx {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}
