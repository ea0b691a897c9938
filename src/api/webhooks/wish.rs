//! What is asked of a webhook, read strictly; and what is written down of it.

use crate::{
    api::{
        problem::{FieldError, Kind, Problem},
        state::ApiState,
        values::Text,
        words::Words,
    },
    domain::webhook::is_wish,
    storage::webhooks::Webhook,
    webhooks::target::{self, Unfit},
};
use serde::Serialize;
use serde_json::{Value, json};

pub(super) type Url = Text<2_000>;
pub(super) type Name = Text<40>;
pub(super) type Note = Text<200>;

/// Nobody needs more, and each costs a message an event.
pub(super) const WEBHOOKS_MAX: i64 = 50;
const EVENTS_MAX: usize = 20;

/// A webhook and the secret that it signs with.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WithSecret {
    /// `whsec_…`, as Standard Webhooks write it. Shown this once.
    pub(super) secret: String,
    #[serde(flatten)]
    pub(super) webhook: Webhook,
}

pub(super) fn check(state: &ApiState, url: &str, events: &[String]) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, zh, en| errors.push(FieldError { pointer, detail: Words::fixed(zh, en) });
    match target::check(url, state.webhooks.allow_private) {
        Ok(()) => {}
        Err(Unfit::NoAddress) => wrong("/url".to_owned(), "请写完整的网址。", "Write a whole address."),
        Err(Unfit::NotHttps) => {
            wrong("/url".to_owned(), "网址要以 https:// 开头。", "The address must begin with https://.")
        }
        Err(Unfit::NamesSomebody) => wrong(
            "/url".to_owned(),
            "网址里不要写账号、口令或 #。",
            "Leave user names, passwords and # out of the address.",
        ),
        Err(Unfit::Inside) => wrong(
            "/url".to_owned(),
            "这是内网地址。要用内网地址，请运维打开 webhooks.allow_private。",
            "This address is inside. To allow it, the operator sets webhooks.allow_private.",
        ),
    }
    if events.is_empty() || events.len() > EVENTS_MAX {
        wrong("/events".to_owned(), "请选 1 到 20 种事件。", "Choose 1 to 20 events.");
    }
    for (i, event) in events.iter().enumerate() {
        if !is_wish(event) {
            wrong(
                format!("/events/{i}"),
                "没有这种事件，写法如 round.open 或 round.*。",
                "There is no such event; write round.open or round.*.",
            );
        } else if events[..i].contains(event) {
            wrong(format!("/events/{i}"), "写了两次。", "This is named twice.");
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::at(Kind::Invalid, errors)) }
}

/// For the log of acts. An address may carry a key of the receiver's in its query.
pub(super) fn told(url: &str, events: &[String], enabled: bool) -> Value {
    let address = url.split('?').next().unwrap_or_default();
    json!({"url": address, "events": events, "enabled": enabled})
}
