//! `written.lua`: how many of the epoch's decisions are in the books, for back-pressure.

use super::call::{Lua, lua};
use crate::hot::{HotError, HotPool};
use std::sync::LazyLock;

static WRITTEN: LazyLock<Lua> = lua!("written", "fence.lua", "written.lua");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportReply {
    Done,
    Fenced,
    Epoch(i64),
}

impl HotPool {
    /// `claims` of this epoch are in the books, in all. A report that was overtaken changes nothing.
    pub async fn report_written(&self, epoch: i64, claims: i64) -> Result<ReportReply, HotError> {
        let arguments = [epoch.to_string(), claims.to_string()];
        let reply = WRITTEN.run(&self.hot.link, &[self.keys.pool()], &arguments).await?;
        Ok(match reply.first() {
            "ok" | "known" => ReportReply::Done,
            "fenced" => ReportReply::Fenced,
            "epoch" => ReportReply::Epoch(reply.number(1)?),
            _ => return Err(reply.unknown()),
        })
    }
}
