//! From messages to receivers: signed, a few at a time, each receiver's in turn with the others'.

use super::{Error, sign::Secrets};
use crate::{
    domain::clock,
    storage::{
        Db,
        webhooks::messages::{self, Due, Outcome},
    },
};
use futures_util::{StreamExt, stream};
use reqwest::{Client, StatusCode};
use std::time::Duration;

/// Under way at once, and of one receiver.
const AT_ONCE: usize = 16;
const OF_ONE: i64 = 4;
/// Until the next try after so many; then it is dead and waits to be asked for again by hand. About three days in all.
const WAITS_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// A node that dies with a message in hand lets it go after this.
const IN_HAND: Duration = Duration::from_secs(60);
/// With a rotated secret the one before signs too for so long.
const BOTH_SIGN: chrono::Duration = chrono::Duration::hours(24);
/// Of an unexpected answer, for whoever looks for the reason.
const ERROR_CHARS_MAX: usize = 300;

pub(super) async fn deliver(db: &Db, client: &Client, secrets: &Secrets) -> Result<(), Error> {
    loop {
        let limit = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        let due = messages::take_due(&mut *db.0.acquire().await?, limit, OF_ONE, IN_HAND).await?;
        if due.is_empty() {
            return Ok(());
        }
        let sent = stream::iter(due).map(|one| async move {
            let outcome = send(client, secrets, &one).await;
            (one, outcome)
        });
        let sent: Vec<(Due, Outcome)> = sent.buffer_unordered(AT_ONCE).collect().await;
        let mut connection = db.0.acquire().await?;
        for (one, outcome) in sent {
            metrics::counter!("webhook_messages_total", "outcome" => outcome.name()).increment(1);
            messages::settle(&mut connection, &one, &outcome).await?;
        }
    }
}

async fn send(client: &Client, secrets: &Secrets, one: &Due) -> Outcome {
    let now = clock::now();
    let (id, at_s) = (one.message_id.to_string(), now.timestamp());
    let sign = |version| secrets.sign(one.webhook_id, version, &id, at_s, &one.body);
    let mut signature = sign(one.secret_version);
    if one.rotated_at.is_some_and(|at| now - at.0 < BOTH_SIGN) {
        signature = format!("{signature} {}", sign(one.secret_version - 1));
    }
    let request = client
        .post(&one.url)
        .header("content-type", "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", at_s)
        .header("webhook-signature", signature)
        .body(one.body.clone());
    let tries = usize::try_from(one.tries).unwrap_or(usize::MAX);
    let again = WAITS_S.get(tries.saturating_sub(1)).map(|wait_s| Duration::from_secs(*wait_s));
    match request.send().await {
        Ok(response) if response.status().is_success() => Outcome::Delivered(response.status().as_u16()),
        Ok(response) if response.status() == StatusCode::GONE => Outcome::Gone,
        Ok(response) => Outcome::Failed { status: Some(response.status().as_u16()), error: None, again },
        Err(error) => {
            // The address may hold a key of the receiver's: the cause without it.
            let mut text = error.without_url().to_string();
            if text.len() > ERROR_CHARS_MAX {
                text = text.chars().take(ERROR_CHARS_MAX).collect();
            }
            Outcome::Failed { status: None, error: Some(text), again }
        }
    }
}
