//! The one who tells people whose page is closed, by WeChat: holder of the lease `messages`. It plans what is due, sends a
//! batch, and writes how each ended. No transaction stays open while WeChat is asked; two who do this at once send nothing
//! twice, because each takes rows that the other then leaves alone.

use super::{
    fault::{Fault, NOT_ALLOWED},
    wechat::{Outgoing, WeChat},
};
use crate::{
    domain::{
        clock,
        message::{self, Template},
    },
    storage::{
        self, Db, consents, leases,
        messages::{self, ToSend},
        trouble::{self, Trouble},
    },
};
use chrono_tz::Tz;
use futures_util::{StreamExt, stream};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two steps when the last one was not full.
const PACE: Duration = Duration::from_secs(2);
/// Longer than a step: two rounds of calls of three seconds each, and the books.
const LEASE: Duration = Duration::from_secs(30);
/// What is planned at once, and what is sent at once. A round of 300 stores is told within some steps.
const PLANNED_MAX: i64 = 200;
const BATCH: i64 = 16;
const AT_ONCE: usize = 8;
/// A call lasts ten seconds at most, with its token twenty: whatever is older was lost with its node.
const UNANSWERED_AFTER_S: f64 = 120.0;
/// Before the second try; each further one waits three times as long, up to two minutes.
const AGAIN_AFTER_S: f64 = 5.0;
const AGAIN_AFTER_MAX_S: f64 = 120.0;
const FORGOTTEN_AT_ONCE: i64 = 100;

pub struct Messenger {
    db: Db,
    wechat: WeChat,
    holder: Uuid,
}

/// What a step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Somebody else holds the lease.
    Idle,
    /// So many were asked for.
    Sent(usize),
}

/// How a call ended.
enum Outcome {
    Sent,
    /// With WeChat's errcode, or a word of ours.
    Failed(String),
    /// The same, and the user wants no more of them.
    Forfeited,
    /// Certainly not sent.
    Later,
}

impl Messenger {
    pub fn new(db: Db, wechat: WeChat) -> Self {
        Self { db, wechat, holder: Uuid::now_v7() }
    }

    /// Until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut trouble = Trouble::default();
        while !stop.is_cancelled() {
            let pause = match self.step().await {
                Ok(step) => {
                    trouble.over("sending messages");
                    let is_full = matches!(step, Step::Sent(sent) if i64::try_from(sent) == Ok(BATCH));
                    if is_full { Duration::ZERO } else { PACE }
                }
                Err(error) => trouble.note("sending messages", trouble::kind(&error), &error).max(PACE),
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
        if let Err(error) = self.let_go().await {
            tracing::debug!(%error, "the lease for messages was not given back; it runs out");
        }
    }

    /// Plans what is due, and sends a batch of what was planned.
    pub async fn step(&self) -> storage::Result<Step> {
        let mut conn = self.db.0.acquire().await?;
        if !leases::hold(&mut conn, "messages", self.holder, LEASE).await? {
            return Ok(Step::Idle);
        }
        for (template, n) in messages::give_up_unanswered(&mut conn, UNANSWERED_AFTER_S).await? {
            failed(template, "unknown", n);
        }
        for (template, n) in messages::expire(&mut conn).await? {
            count("messages_expired_total", template, n);
        }
        if self.wechat.template_id(Template::RoundReminder).is_some() {
            messages::plan_reminders(&mut conn, PLANNED_MAX).await?;
        }
        if self.wechat.template_id(Template::ClaimResult).is_some() {
            messages::plan_results(&mut conn, clock::now_ms(), PLANNED_MAX).await?;
        }
        messages::forget_old(&mut conn, FORGOTTEN_AT_ONCE).await?;
        let batch = messages::take(&mut conn, BATCH).await?;
        drop(conn);

        let mut calls = Vec::with_capacity(batch.len());
        for one in &batch {
            calls.push(self.tell(one));
        }
        let ended: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().collect::<storage::Result<Vec<()>>>()?;
        Ok(Step::Sent(batch.len()))
    }

    async fn tell(&self, one: &ToSend) -> storage::Result<()> {
        let outcome = self.ask(one).await;
        let mut conn = self.db.0.acquire().await?;
        match outcome {
            Outcome::Sent => {
                messages::sent(&mut conn, one.message_id).await?;
                count("messages_sent_total", one.template, 1);
            }
            Outcome::Failed(code) => {
                messages::failed(&mut conn, one.message_id, &code).await?;
                failed(one.template, &code, 1);
            }
            Outcome::Forfeited => {
                consents::forfeit(&mut conn, one.user_id, one.template).await?;
                let code = NOT_ALLOWED.to_string();
                messages::failed(&mut conn, one.message_id, &code).await?;
                failed(one.template, &code, 1);
            }
            Outcome::Later => {
                let wait_s = AGAIN_AFTER_S * 3_f64.powi(one.tries - 1);
                messages::put_back(&mut conn, one.message_id, wait_s.min(AGAIN_AFTER_MAX_S)).await?;
            }
        }
        Ok(())
    }

    async fn ask(&self, one: &ToSend) -> Outcome {
        let Some(openid) = &one.openid else { return Outcome::Failed("unbound".to_owned()) };
        // Switched off since it was planned.
        let Some(template_id) = self.wechat.template_id(one.template) else { return Outcome::Failed("off".to_owned()) };
        let (page, data) = self.content(one);
        let message = Outgoing { touser: openid, template_id, page, data };
        match self.wechat.send(&message).await {
            Ok(()) => Outcome::Sent,
            Err(Fault::Code(NOT_ALLOWED)) => Outcome::Forfeited,
            Err(fault) if fault.is_harmless() => {
                tracing::warn!(message_id = %one.message_id, tries = one.tries, %fault, "a message was not sent; trying again while it is of use");
                Outcome::Later
            }
            Err(Fault::Code(code)) => {
                tracing::warn!(message_id = %one.message_id, code, "WeChat refused a message");
                Outcome::Failed(code.to_string())
            }
            Err(fault) => {
                tracing::warn!(message_id = %one.message_id, %fault, "whether a message was sent is not known; it is not sent again");
                Outcome::Failed("unknown".to_owned())
            }
        }
    }

    /// The page that a tap opens, and the words under the template's keywords.
    fn content(&self, one: &ToSend) -> (&str, serde_json::Value) {
        let round = message::thing(&one.round_name);
        match one.template {
            Template::RoundReminder => {
                let words = self.wechat.reminder();
                let zone: Tz = one.time_zone.parse().unwrap_or(Tz::UTC);
                let opens_at = message::time(one.opens_at_ms, zone);
                (&words.page, json!({ &words.round: {"value": round}, &words.opens_at: {"value": opens_at} }))
            }
            Template::ClaimResult => {
                let words = self.wechat.result();
                let data = json!({
                    &words.order_no: {"value": one.order_no},
                    &words.round: {"value": round},
                    &words.units: {"value": one.units.map(|units| units.to_string())},
                });
                (&words.page, data)
            }
        }
    }

    async fn let_go(&self) -> storage::Result<()> {
        let mut conn = self.db.0.acquire().await?;
        leases::release(&mut conn, "messages", self.holder).await
    }
}

fn count(name: &'static str, template: Template, n: i64) {
    metrics::counter!(name, "template" => template.name()).increment(n.unsigned_abs());
}

fn failed(template: Template, code: &str, n: i64) {
    metrics::counter!("messages_failed_total", "template" => template.name(), "code" => code.to_owned())
        .increment(n.unsigned_abs());
}
