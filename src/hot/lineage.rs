//! Which process Redis is, and where a pool stands in it. The scripts compare the two themselves with every call; what is
//! read here is only for noticing that they differ.

use super::{Hot, HotError, HotPool, read};

/// A pool as Redis has it. A pool that was never built has epoch 0 and no process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolHead {
    /// The process blessed for the pool; `None` while it is fenced by a rebuild, or was lost.
    pub run_id: Option<String>,
    pub epoch: i64,
    /// Last log number of the epoch.
    pub n: i64,
    /// Claims decided in the epoch, and those of them in the books.
    pub appended: i64,
    pub written: i64,
    /// Last outbox effect applied.
    pub applied_no: i64,
    /// The epoch that is being built, if any.
    pub building_epoch: Option<i64>,
}

impl Hot {
    /// Who the server is, until it restarts.
    pub async fn server_run_id(&self) -> Result<String, HotError> {
        let text = self.info("server").await?;
        field(&text, "run_id").map(str::to_owned).ok_or_else(|| HotError::Corrupt("INFO names no run_id".to_owned()))
    }

    pub(super) async fn info(&self, section: &str) -> Result<String, HotError> {
        read(self.link.call(redis::cmd("INFO").arg(section)).await?)
    }
}

impl HotPool {
    pub async fn server_run_id(&self) -> Result<String, HotError> {
        self.hot.server_run_id().await
    }

    pub async fn head(&self) -> Result<PoolHead, HotError> {
        type Fields = (Option<String>, [Option<i64>; 6]);
        let mut get = redis::cmd("HMGET");
        get.arg(self.keys.pool());
        get.arg(&["run_id", "epoch", "n", "appended", "written", "applied_no", "building_epoch"]);
        let mut values: Vec<Option<String>> = read(self.hot.link.call(&get).await?)?;
        if values.len() != 7 {
            return Err(HotError::Corrupt(format!("{} fields of a pool", values.len())));
        }
        let run_id = values.remove(0);
        let mut numbers = [None; 6];
        for (number, text) in numbers.iter_mut().zip(values) {
            *number = text
                .map(|text| text.parse().map_err(|_| HotError::Corrupt(format!("a pool's number: {text}"))))
                .transpose()?;
        }
        let (run_id, [epoch, n, appended, written, applied_no, building_epoch]): Fields = (run_id, numbers);
        Ok(PoolHead {
            run_id,
            epoch: epoch.unwrap_or(0),
            n: n.unwrap_or(0),
            appended: appended.unwrap_or(0),
            written: written.unwrap_or(0),
            applied_no: applied_no.unwrap_or(0),
            building_epoch,
        })
    }
}

/// A line `name:value` of an INFO section.
pub(super) fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}
