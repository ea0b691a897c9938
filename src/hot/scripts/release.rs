//! `release.lua`: one outbox effect on what claims are judged by, applied once and in order.

use super::call::{Lua, lua};
use crate::domain::{event::Effect, ids::RoundId};
use crate::hot::{HotError, HotPool};
use std::sync::LazyLock;
use uuid::Uuid;

static RELEASE: LazyLock<Lua> = lua!("release", "fence.lua", "release.lua");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseReply {
    Done,
    /// Applied before.
    Known,
    Fenced,
    Epoch(i64),
}

impl HotPool {
    /// `number` is that of the effect's outbox row.
    pub async fn release(&self, epoch: i64, number: i64, effect: &Effect) -> Result<ReleaseReply, HotError> {
        let mut arguments = vec![epoch.to_string(), number.to_string()];
        let round_id = match effect {
            Effect::Release { round_id, store_id, day, period, dock_day, credit_cents, lines } => {
                arguments.extend(["release".to_owned(), store_id.to_string()]);
                arguments.extend([day.clone(), period.clone(), dock_day.clone(), credit_cents.to_string()]);
                arguments.extend(lines.iter().flat_map(|line| [line.line_id.to_string(), line.units.to_string()]));
                *round_id
            }
            Effect::Suspend { store_id, until_ms } => {
                arguments.extend(["suspend".to_owned(), store_id.to_string(), until_ms.to_string()]);
                // It concerns no round; the keys have to be named all the same.
                RoundId(Uuid::nil())
            }
            Effect::User { user_id, auth_version } => {
                arguments.extend(["user".to_owned(), user_id.to_string(), auth_version.to_string()]);
                RoundId(Uuid::nil())
            }
        };
        let keys = [
            self.keys.pool(),
            self.keys.lines(round_id),
            self.keys.taken(round_id),
            self.keys.counters(),
            self.keys.suspended(),
            self.keys.users(),
        ];
        let reply = RELEASE.run(&self.hot.link, &keys, &arguments).await?;
        Ok(match reply.first() {
            "ok" => ReleaseReply::Done,
            "known" => ReleaseReply::Known,
            "fenced" => ReleaseReply::Fenced,
            "epoch" => ReleaseReply::Epoch(reply.number(1)?),
            _ => return Err(reply.unknown()),
        })
    }
}
